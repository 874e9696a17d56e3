// A run of slots with the master that owns it.
namespace ClusterClient;

/// <summary>A run of slots with the master that owns it.</summary>
/// <param name="Slots">The slots.</param>
/// <param name="Master">Their owner.</param>
public readonly record struct OwnedSlots(SlotRange Slots, TopologyNode Master)
{
    /// <summary><c>0-5460 on 127.0.0.1:7000</c>.</summary>
    public override string ToString() => $"{Slots} on {Master.Endpoint}";
}
