// One entry of what happened to the topology.
namespace ClusterClient;

/// <summary>One thing that happened to a client's picture of its deployment, for diagnosis.</summary>
/// <param name="At">When, in universal time.</param>
/// <param name="Reason">What made the client look, or change its picture.</param>
/// <param name="Version">The version of the picture it led to; 0 when it led to none.</param>
/// <param name="Text">What happened, in words.</param>
public sealed record TopologyEvent(DateTimeOffset At, TopologyChangeReason Reason, long Version, string Text)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{At:HH:mm:ss.fff} {Text}";
}
