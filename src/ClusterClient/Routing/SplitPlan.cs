// A command on many keys, cut into one command a slot.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>One part: the keys of one slot, in the order of the call.</summary>
/// <param name="Slot">Their slot.</param>
/// <param name="Command">The command for them alone.</param>
/// <param name="Keys">Which keys of the whole these are, counted from 0.</param>
internal readonly record struct SplitPart(int Slot, Command Command, int[] Keys);

/// <summary>
/// Cuts the commands that lose nothing but the moment in which all happens: the rows of the table that say <c>split</c>. What promises more
/// (MSETNX, RENAME, SUNIONSTORE…) is refused across slots.
/// </summary>
internal static class SplitPlan
{
    /// <summary>Hashes each key once.</summary>
    /// <param name="command">The command; its descriptor says that it may be cut.</param>
    /// <param name="slot">The slot that all keys share; <see cref="CommandSlot.None"/> when there are parts, or when the arguments are not what the command takes.</param>
    /// <returns>The parts, one a slot; null, and nothing allocated, when it is not to be cut.</returns>
    internal static SplitPart[]? Make(in Command command, out int slot)
    {
        slot = CommandSlot.None;
        (int at, int count) = command.Info.SplitJoin == SplitJoin.ByKey ? Keys(command) : SetSplit.Keys(command);
        if (count == 0) return null;
        int stride = command.Info.SplitStride;
        int first = HashSlot.Of(command.Argument(at));
        for (int i = 1; i < count; i++)
        {
            int other = HashSlot.Of(command.Argument(at + (i * stride)));
            if (other == first) continue;

            // The slots before the first difference are known.
            int[] slots = new int[count];
            slots.AsSpan(0, i).Fill(first);
            slots[i] = other;
            while (++i < count) slots[i] = HashSlot.Of(command.Argument(at + (i * stride)));
            return Cut(command, at, slots);
        }

        slot = first;
        return null;
    }

    /// <summary>All arguments are keys, each with what belongs to it.</summary>
    private static (int First, int Count) Keys(in Command command)
        => command.ArgumentCount % command.Info.SplitStride == 0 ? (0, command.ArgumentCount / command.Info.SplitStride) : default;

    private static SplitPart[] Cut(in Command command, int at, int[] slots)
    {
        // Sorted by slot; keys of one slot stay in the order of the call.
        int stride = command.Info.SplitStride;
        int[] order = new int[slots.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (one, other) => slots[one] != slots[other] ? slots[one].CompareTo(slots[other]) : one.CompareTo(other));
        List<SplitPart> parts = [];
        for (int first = 0; first < order.Length;)
        {
            int slot = slots[order[first]];
            int end = first + 1;
            while (end < order.Length && slots[order[end]] == slot) end++;
            int[] keys = order[first..end];
            RedisValue[] arguments = new RedisValue[keys.Length * stride];
            for (int i = 0; i < arguments.Length; i++) arguments[i] = command.Argument(at + (keys[i / stride] * stride) + (i % stride));
            CommandInfo part = SetSplit.PartOf(command.Info, hasFirstKey: keys[0] == 0);
            parts.Add(new SplitPart(slot, new Command(part, SetSplit.ArgumentsOf(command, part, arguments)), keys));
            first = end;
        }

        return [.. parts];
    }
}
