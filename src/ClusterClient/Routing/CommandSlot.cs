// The one slot that all keys of a command must share.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>Hashes a command's keys, once per call, over the bytes that go on the wire.</summary>
internal static class CommandSlot
{
    /// <summary>The command has no key: any node may answer.</summary>
    internal const int None = -1;

    /// <summary>Only the server can tell which arguments are keys.</summary>
    internal const int Unknown = -2;

    /// <summary>The slot of the command's keys, <see cref="None"/> or <see cref="Unknown"/>.</summary>
    /// <exception cref="CrossSlotException">The keys hash to different slots.</exception>
    internal static int Of(in Command command)
    {
        // Where more keys may follow at places a finder knows (SORT … STORE), the first alone does not decide.
        KeySpec keys = command.Info.Keys;
        if (keys is { First: 0, Last: 0 } && command.Info.Finder is null && command.ArgumentCount > 0) return HashSlot.Of(command.Argument(0));
        if (!CommandKeys.TryLocate(command, out KeyPositions positions)) return Unknown;
        if (positions.Count == 0) return None;
        int slot = HashSlot.Of(command.Argument(positions[0]));
        for (int i = 1; i < positions.Count; i++)
        {
            if (HashSlot.Of(command.Argument(positions[i])) != slot) ThrowCrossSlot(command.Info, positions.Count, i);
        }

        return slot;
    }

    /// <summary>The slot of the arguments that stand at <paramref name="positions"/>.</summary>
    /// <exception cref="CrossSlotException">The keys hash to different slots.</exception>
    internal static int Of(in Command command, ReadOnlySpan<int> positions)
    {
        if (positions.IsEmpty) return None;
        int slot = HashSlot.Of(command.Argument(positions[0]));
        for (int i = 1; i < positions.Length; i++)
        {
            if (HashSlot.Of(command.Argument(positions[i])) != slot) ThrowCrossSlot(command.Info, positions.Length, i);
        }

        return slot;
    }

    private static void ThrowCrossSlot(CommandInfo command, int count, int other)
        => throw new CrossSlotException(
            $"{command.Name} was not sent: its {count} keys must share one hash slot in a cluster, but key number {other + 1} hashes to another than the first. Put the part they have in common in braces ({{user:1}}:name, {{user:1}}:age), or send one command a slot.")
        {
            CommandName = command.Name,
        };
}
