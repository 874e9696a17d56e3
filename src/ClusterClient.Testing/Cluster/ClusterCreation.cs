// Makes a cluster of freshly started nodes.
using System.Globalization;
using ClusterClient.Testing.Admin;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing.Cluster;

internal static class ClusterCreation
{
    public const int SlotCount = 16_384;

    /// <summary>Starts the nodes, masters first, gives out the slots and the replicas, and waits until all agree.</summary>
    public static async Task BuildAsync(TopologyHost host, int masters, int replicasPerMaster, CancellationToken cancellationToken)
    {
        var nodes = await host.StartNodesAsync(masters * (1 + replicasPerMaster), NodePurpose.ClusterNode, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(nodes.Select((node, index) => IntroduceAsync(host, nodes, node, index, masters, cancellationToken))).ConfigureAwait(false);
        // Garnet's CLUSTER REPLICATE runs into its own time limit when the master has not heard of the replica.
        await ClusterAgreement.WaitUntilAcquaintedAsync(host, cancellationToken).ConfigureAwait(false);
        var replicas = nodes.Skip(masters).Select((replica, index) => (Replica: replica, Master: nodes[index % masters])).ToArray();
        await Task.WhenAll(replicas.Select(pair => ReplicateAsync(pair.Replica, pair.Master, cancellationToken))).ConfigureAwait(false);
        await ClusterAgreement.WaitAsync(host, cancellationToken).ConfigureAwait(false);
    }

    public static async Task ReplicateAsync(LocalNode replica, LocalNode master, CancellationToken cancellationToken)
    {
        var id = (await master.ExecuteAsync(["CLUSTER", "MYID"], cancellationToken).ConfigureAwait(false)).Text;
        await replica.ExecuteAsync(["CLUSTER", "REPLICATE", id], cancellationToken).ConfigureAwait(false);
    }

    public static async Task MeetAsync(LocalNode node, LocalNode other, CancellationToken cancellationToken) =>
        await node.ExecuteAsync(["CLUSTER", "MEET", other.Host, other.Settings.PortText], cancellationToken).ConfigureAwait(false);

    // Every node meets all before it, so that nobody waits for gossip; distinct epochs spare the nodes the resolving of a collision.
    private static async Task IntroduceAsync(
        TopologyHost host, LocalNode[] nodes, LocalNode node, int index, int masters, CancellationToken cancellationToken)
    {
        var commands = new List<byte[][]> { AdminConnection.Encode("CLUSTER", "SET-CONFIG-EPOCH", Text(index + 1)) };
        if (index < masters)
            commands.Add(AddSlots(host.Program, SlotCount * index / masters, SlotCount * (index + 1) / masters - 1));
        commands.AddRange(nodes.Take(index).Select(earlier => AdminConnection.Encode("CLUSTER", "MEET", earlier.Host, earlier.Settings.PortText)));

        var connection = await AdminConnection.OpenAsync(node.Access, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            await connection.ExecuteAllAsync(commands, cancellationToken).ConfigureAwait(false);
    }

    // ADDSLOTSRANGE is of Redis 7.0.
    private static byte[][] AddSlots(ServerProgram program, int first, int last) =>
        program.Kind == ServerKind.Redis && program.Version.Major < 7
            ? AdminConnection.Encode(["CLUSTER", "ADDSLOTS", .. Enumerable.Range(first, last - first + 1).Select(Text)])
            : AdminConnection.Encode("CLUSTER", "ADDSLOTSRANGE", Text(first), Text(last));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
