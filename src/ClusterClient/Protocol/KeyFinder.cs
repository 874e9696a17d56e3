// Finds the keys of the few commands where positions and counts cannot tell.
namespace ClusterClient.Protocol;

internal abstract class KeyFinder
{
    /// <summary>ZUNIONSTORE destination numkeys key… and its like.</summary>
    internal static readonly KeyFinder DestinationAndCounted = new DestinationAndCountedFinder();

    /// <summary>SORT key … STORE destination; GEORADIUS key … STORE|STOREDIST destination.</summary>
    internal static readonly KeyFinder SourceAndStore = new SourceAndStoreFinder();

    /// <summary>XREAD … STREAMS key… id….</summary>
    internal static readonly KeyFinder Streams = new StreamsFinder();

    /// <summary>MIGRATE host port key|"" database timeout … KEYS key….</summary>
    internal static readonly KeyFinder Migrate = new MigrateFinder();

    internal abstract KeyPositions Find(in Command command);

    private sealed class DestinationAndCountedFinder : KeyFinder
    {
        // The destination alone still routes a command whose sources are malformed to the node that will refuse it.
        internal override KeyPositions Find(in Command command)
        {
            KeyPositions keys = CommandKeys.Counted(command, countAt: 1, first: 2, step: 1, apart: 0);
            return keys.Count == 0 && command.ArgumentCount > 0 ? new KeyPositions(0, 1, 1) : keys;
        }
    }

    private sealed class SourceAndStoreFinder : KeyFinder
    {
        // The servers let the last STORE win. BY and GET patterns of SORT are no keys: they name none.
        internal override KeyPositions Find(in Command command)
        {
            if (command.ArgumentCount == 0) return default;
            int destination = -1;
            for (int i = 1; i < command.ArgumentCount - 1; i++)
            {
                if (ArgumentWord.Is(command[i], "STORE"u8) || ArgumentWord.Is(command[i], "STOREDIST"u8)) destination = ++i;
            }

            return new KeyPositions(0, 1, 1, destination);
        }
    }

    private sealed class StreamsFinder : KeyFinder
    {
        internal override KeyPositions Find(in Command command)
        {
            int word = Options.IndexOf(command, "STREAMS"u8);
            int keys = word < 0 ? 0 : (command.ArgumentCount - word - 1) / 2;
            return keys == 0 ? default : new KeyPositions(word + 1, keys, 1);
        }
    }

    private sealed class MigrateFinder : KeyFinder
    {
        private const int Key = 2;
        private const int FirstOption = 5;

        internal override KeyPositions Find(in Command command)
        {
            if (command.ArgumentCount <= Key) return default;
            if (!command[Key].IsNullOrEmpty) return new KeyPositions(Key, 1, 1);

            for (int i = FirstOption; i < command.ArgumentCount; i++)
            {
                if (ArgumentWord.Is(command[i], "KEYS"u8))
                {
                    int keys = command.ArgumentCount - i - 1;
                    return keys == 0 ? default : new KeyPositions(i + 1, keys, 1);
                }

                // A password may well be "keys".
                if (ArgumentWord.Is(command[i], "AUTH"u8)) i++;
                else if (ArgumentWord.Is(command[i], "AUTH2"u8)) i += 2;
            }

            return default;
        }
    }

    // The options of XREAD and XREADGROUP, which end at STREAMS: a group, a stream or a consumer may be named like one.
    internal static class Options
    {
        internal static int IndexOf(in Command command, ReadOnlySpan<byte> option)
        {
            for (int i = 0; i < command.ArgumentCount; i++)
            {
                RedisValue argument = command[i];
                if (ArgumentWord.Is(argument, option)) return i;
                if (ArgumentWord.Is(argument, "STREAMS"u8)) return -1;
                if (ArgumentWord.Is(argument, "GROUP"u8)) i += 2;
                else if (!ArgumentWord.Is(argument, "NOACK"u8)) i++;
            }

            return -1;
        }
    }
}
