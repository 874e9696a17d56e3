// Reads the rows of the command table.
//
// A row is: KEYS FLAGS NAME…     or, for subcommands:     KEYS FLAGS CONTAINER: NAME…
// and a row of containers themselves has the flag "container". Lines that start with # are comments.
//
// KEYS, counted over the arguments behind the name (behind both words of a subcommand):
//   -          none                            0..-1      from the first to the last
//   0          the first                       0..-1/2    every second of them
//   1#0        as many as argument 0 says, from argument 1 on (1#0/2: every second)
//   0,2#1      argument 0, and as many as argument 1 says, from argument 2 on
//   0,STORE    argument 0, and what stands behind the word STORE (or STOREDIST)
//   2,KEYS     argument 2, or when that is empty all behind the word KEYS
//   STREAMS    the first half of all behind the word STREAMS
//   ?          unknown: the server is asked
using System.Globalization;

namespace ClusterClient.Protocol;

internal static class CommandTableRows
{
    internal static IEnumerable<CommandInfo> Read(string rows)
    {
        foreach (string line in rows.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#') continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            (KeySpec keys, KeyFinder? finder) = ReadKeys(words[0]);
            (CommandFlags flags, bool isContainer) = ReadFlags(words[1]);
            if (finder is not null || words[0] is "?") flags |= CommandFlags.MovableKeys;

            string prefix = words[2].EndsWith(':') ? words[2][..^1] + " " : "";
            for (int i = prefix.Length == 0 ? 2 : 3; i < words.Length; i++)
            {
                yield return new CommandInfo(prefix + words[i], keys, flags) { Finder = finder, IsContainer = isContainer };
            }
        }
    }

    private static (KeySpec Keys, KeyFinder? Finder) ReadKeys(string text)
    {
        switch (text)
        {
            case "-" or "?": return (KeySpec.None, null);
            case "0,2#1": return (KeySpec.Single, KeyFinder.DestinationAndCounted);
            case "0,STORE": return (KeySpec.Single, KeyFinder.SourceAndStore);
            case "2,KEYS": return (KeySpec.None, KeyFinder.Migrate);
            case "STREAMS": return (KeySpec.None, KeyFinder.Streams);
        }

        string[] positionsAndStep = text.Split('/');
        int step = positionsAndStep.Length == 1 ? 1 : Number(positionsAndStep[1]);
        string[] counted = positionsAndStep[0].Split('#');
        if (counted.Length == 2) return (new KeySpec(Number(counted[0]), -1, step, Number(counted[1])), null);

        string[] range = positionsAndStep[0].Split("..");
        int first = Number(range[0]);
        return (new KeySpec(first, range.Length == 1 ? first : Number(range[1]), step), null);
    }

    private static (CommandFlags Flags, bool IsContainer) ReadFlags(string text)
    {
        var flags = CommandFlags.None;
        bool isContainer = false;
        foreach (string word in text.Split(','))
        {
            switch (word)
            {
                case "write": break;
                case "read": flags |= CommandFlags.ReadOnly; break;
                case "idempotent": flags |= CommandFlags.Idempotent; break;
                case "blocking": flags |= CommandFlags.Blocking; break;
                case "connection": flags |= CommandFlags.ChangesConnection; break;
                case "cursor": flags |= CommandFlags.ProcessBound; break;
                case "script": flags |= CommandFlags.Script; break;
                case "any": flags |= CommandFlags.AnyNode; break;
                case "container": isContainer = true; break;
                default: throw new FormatException($"The command table has an unknown flag '{word}'.");
            }
        }

        return (flags, isContainer);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
