// The commands that ask a server for the topology.
using ClusterClient.Protocol;

namespace ClusterClient.Topology;

internal static class TopologyCommands
{
    public static CommandInfo ClusterSlots { get; } = new("CLUSTER SLOTS", KeySpec.None, CommandFlags.ReadOnly);

    public static CommandInfo ClusterNodes { get; } = new("CLUSTER NODES", KeySpec.None, CommandFlags.ReadOnly);

    // Without a version it changes nothing and only tells; needs Redis 6.2, no permission.
    public static CommandInfo Hello { get; } = new("HELLO", KeySpec.None, CommandFlags.ReadOnly);

    public static CommandInfo Info { get; } = new("INFO", KeySpec.None, CommandFlags.ReadOnly);
}
