// The slot of a command that concerns one alone.
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

internal static class SingleSlot
{
    /// <summary>Finds the slot that all keys of a command share. False when they share none, or when only the server knows them.</summary>
    /// <param name="table">The topology.</param>
    /// <param name="command">The command.</param>
    /// <param name="slot">The slot; negative outside a cluster.</param>
    /// <param name="keys">How many keys there are; 0 for none.</param>
    internal static bool TryFind(RoutingTable table, in Command command, out int slot, out int keys)
    {
        (slot, keys) = (CommandSlot.None, 0);
        if (!CommandKeys.TryLocate(command, out KeyPositions positions)) return false;
        keys = positions.Count;
        if (keys == 0 || !table.NeedsSlots) return true;
        slot = HashSlot.Of(command.Argument(positions[0]));
        for (int i = 1; i < keys; i++)
        {
            if (HashSlot.Of(command.Argument(positions[i])) != slot) return false;
        }

        return true;
    }
}
