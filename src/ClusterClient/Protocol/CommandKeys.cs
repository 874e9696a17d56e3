// Finds the keys of a command, so that it can be routed.
using System.Runtime.CompilerServices;

namespace ClusterClient.Protocol;

/// <summary>Finds the keys among a command's arguments, without allocation and without asking the server.</summary>
public static class CommandKeys
{
    /// <summary>Gives the key that decides where the command goes.</summary>
    /// <param name="command">The command.</param>
    /// <param name="key">The first key.</param>
    /// <returns>False when the command has no key, or when only the server can tell (<see cref="TryLocate"/> says which).</returns>
    public static bool TryGetFirstKey(in Command command, out RedisValue key)
    {
        int index = FirstKeyIndex(command);
        key = index >= 0 ? command[index] : default;
        return index >= 0;
    }

    /// <summary>Finds all keys.</summary>
    /// <param name="command">The command.</param>
    /// <param name="keys">Where they stand; none for a command whose arguments are too few or malformed (the server will refuse it).</param>
    /// <returns>False when only the server can tell: send it <c>COMMAND GETKEYS</c>.</returns>
    public static bool TryLocate(in Command command, out KeyPositions keys)
    {
        if (command.Info.Is(CommandFlags.MovableKeys))
        {
            keys = command.Info.Finder is { } finder ? finder.Find(command) : default;
            return command.Info.Finder is not null;
        }

        keys = Locate(command);
        return true;
    }

    // The index of the first key, or -1. Nearly every command takes the first three lines.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int FirstKeyIndex(in Command command)
    {
        KeySpec spec = command.Info.Keys;
        if (spec.First >= 0 && spec.CountAt < 0) return spec.First < command.ArgumentCount ? spec.First : -1;
        return spec.First < 0 && command.Info.Finder is null ? -1 : FirstOfAll(command);
    }

    private static int FirstOfAll(in Command command) =>
        TryLocate(command, out KeyPositions keys) && keys.Count > 0 ? keys[0] : -1;

    private static KeyPositions Locate(in Command command)
    {
        KeySpec spec = command.Info.Keys;
        if (spec.First < 0) return default;
        if (spec.CountAt >= 0) return Counted(command, spec.CountAt, spec.First, spec.Step);

        int last = spec.Last < 0 ? command.ArgumentCount + spec.Last : Math.Min(spec.Last, command.ArgumentCount - 1);
        return last < spec.First ? default : new KeyPositions(spec.First, ((last - spec.First) / spec.Step) + 1, spec.Step);
    }

    // A count that is no number, negative or past the end belongs to a command that the server refuses as a whole.
    internal static KeyPositions Counted(in Command command, int countAt, int first, int step, int apart = -1)
    {
        if (countAt >= command.ArgumentCount || !command[countAt].TryParse(out long count)) return default;
        int room = (command.ArgumentCount - first + step - 1) / step;
        return count <= 0 || count > room ? default : new KeyPositions(first, (int)count, step, apart);
    }
}
