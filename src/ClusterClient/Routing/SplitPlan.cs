// A command on many keys, cut into one command a slot.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>One part: the keys of one slot, in the order of the call.</summary>
/// <param name="Slot">Their slot.</param>
/// <param name="Command">The command for them alone.</param>
/// <param name="Keys">Which keys of the whole these are, counted from 0.</param>
internal readonly record struct SplitPart(int Slot, Command Command, int[] Keys);

/// <summary>
/// Cuts the commands that lose nothing but the moment in which all happens: MGET, MSET, DEL, UNLINK, EXISTS and TOUCH. What promises more (MSETNX,
/// RENAME, SUNIONSTORE…) is refused across slots.
/// </summary>
internal static class SplitPlan
{
    /// <summary>The parts of a command, one a slot; null when all keys share one, or when it is not to be cut.</summary>
    internal static SplitPart[]? Make(in Command command)
    {
        int stride = command.Info.SplitStride;
        if (stride == 0 || command.ArgumentCount <= stride || command.ArgumentCount % stride != 0) return null;
        int count = command.ArgumentCount / stride;
        int[] slots = new int[count];
        bool isOne = true;
        for (int i = 0; i < count; i++)
        {
            slots[i] = HashSlot.Of(command.Argument(i * stride));
            isOne &= slots[i] == slots[0];
        }

        if (isOne) return null;

        // Sorted by slot; keys of one slot stay in the order of the call.
        int[] order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        Array.Sort(order, (one, other) => slots[one] != slots[other] ? slots[one].CompareTo(slots[other]) : one.CompareTo(other));
        List<SplitPart> parts = [];
        for (int first = 0; first < count;)
        {
            int slot = slots[order[first]];
            int end = first + 1;
            while (end < count && slots[order[end]] == slot) end++;
            int[] keys = order[first..end];
            RedisValue[] arguments = new RedisValue[keys.Length * stride];
            for (int i = 0; i < arguments.Length; i++) arguments[i] = command.Argument((keys[i / stride] * stride) + (i % stride));
            parts.Add(new SplitPart(slot, new Command(command.Info, arguments), keys));
            first = end;
        }

        return [.. parts];
    }
}
