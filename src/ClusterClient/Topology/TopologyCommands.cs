// The commands that ask a server for the topology.
using ClusterClient.Protocol;

namespace ClusterClient.Topology;

internal static class TopologyCommands
{
    public static CommandInfo ClusterSlots { get; } = CommandTable.Get("CLUSTER SLOTS");

    public static CommandInfo ClusterNodes { get; } = CommandTable.Get("CLUSTER NODES");

    public static CommandInfo Info { get; } = CommandTable.Get("INFO");

    public static CommandInfo Role { get; } = CommandTable.Get("ROLE");

    // Without a version it changes nothing, unlike the table's: it only tells. Needs Redis 6.2, no permission.
    public static CommandInfo Hello { get; } = new("HELLO", KeySpec.None, CommandFlags.ReadOnly);
}
