// Makes a cluster of freshly started nodes.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing.Cluster;

internal static class ClusterCreation
{
    public const int SlotCount = 16_384;

    private static readonly TimeSpan MeetAgain = TimeSpan.FromSeconds(3);

    /// <summary>Starts the nodes, masters first, gives out the slots and the replicas, and waits until all agree.</summary>
    public static async Task BuildAsync(TopologyHost host, int masters, int replicasPerMaster, CancellationToken cancellationToken)
    {
        var nodes = await host.StartNodesAsync(masters * (1 + replicasPerMaster), NodePurpose.ClusterNode, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(nodes.Select((node, index) => EquipAsync(host, node, index, masters, cancellationToken))).ConfigureAwait(false);
        // Garnet's CLUSTER REPLICATE runs into its own time limit when the master has not heard of the replica.
        await AcquaintAsync(host, cancellationToken).ConfigureAwait(false);
        var replicas = nodes.Skip(masters).Select((replica, index) => (Replica: replica, Master: nodes[index % masters])).ToArray();
        await Task.WhenAll(replicas.Select(pair => ReplicateAsync(pair.Replica, pair.Master, cancellationToken))).ConfigureAwait(false);
        await ClusterAgreement.WaitAsync(host, cancellationToken).ConfigureAwait(false);
    }

    public static async Task ReplicateAsync(LocalNode replica, LocalNode master, CancellationToken cancellationToken)
    {
        var id = (await master.ExecuteAsync(["CLUSTER", "MYID"], cancellationToken).ConfigureAwait(false)).Text;
        string[] command = ["CLUSTER", "REPLICATE", id];
        if (replica.Program.Kind != ServerKind.Garnet)
        {
            await replica.ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
            return;
        }

        // Garnet answers only once the copy has begun, which on a busy machine outlasts a command's time limit; and while it copies it refuses to be asked again.
        await Condition.WaitAsync($"{replica} to follow {master}", replica.Patience, async token =>
        {
            var own = (await ClusterAgreement.ViewAsync(replica, token).ConfigureAwait(false)).Myself;
            if (!string.Equals(own.MasterId, id, StringComparison.Ordinal))
                await replica.ExecuteAsync(command, token).ConfigureAwait(false);
            return null;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets every running node meet those it does not know, so that nobody waits for gossip, and waits until all know all.</summary>
    public static Task AcquaintAsync(TopologyHost host, CancellationToken cancellationToken)
    {
        long? met = null;
        return Condition.WaitAsync("the nodes to know each other", host.Options.StartTimeout, async token =>
        {
            var views = await ClusterAgreement.ViewsAsync(host, token).ConfigureAwait(false);
            var missing = views.Select(own => ClusterAgreement.MissingAcquaintance(own.View, views.Select(other => other.Node)) is { } what ? $"{own.Node}: {what}" : null)
                .FirstOrDefault(what => what is not null);
            // Again after a while: Garnet loses a MEET now and then when several arrive at once.
            if (missing is not null && (met is null || Stopwatch.GetElapsedTime(met.Value) > MeetAgain))
            {
                met = Stopwatch.GetTimestamp();
                await Task.WhenAll(views.Select((own, index) => MeetAsync(own.Node, own.View, views.Take(index).Select(other => other.Node), token))).ConfigureAwait(false);
            }
            return missing;
        }, cancellationToken);
    }

    private static Task<IReadOnlyList<AdminReply>> MeetAsync(LocalNode node, ClusterView view, IEnumerable<LocalNode> others, CancellationToken cancellationToken) =>
        node.ExecuteAllAsync(
            [.. others.Where(other => view.OnPort(other.Port) is null).Select(other => new[] { "CLUSTER", "MEET", other.Host, other.Settings.PortText })],
            cancellationToken);

    // Distinct epochs spare the nodes the resolving of a collision; they are taken only from a node that knows no other yet.
    private static async Task EquipAsync(TopologyHost host, LocalNode node, int index, int masters, CancellationToken cancellationToken)
    {
        await node.ExecuteAsync(["CLUSTER", "SET-CONFIG-EPOCH", Text(index + 1)], cancellationToken).ConfigureAwait(false);
        if (index < masters)
            await node.ExecuteAsync(AddSlots(host.Program, SlotCount * index / masters, SlotCount * (index + 1) / masters - 1), cancellationToken).ConfigureAwait(false);
    }

    // ADDSLOTSRANGE is of Redis 7.0.
    private static string[] AddSlots(ServerProgram program, int first, int last) =>
        program.Kind == ServerKind.Redis && program.Version.Major < 7
            ? ["CLUSTER", "ADDSLOTS", .. Enumerable.Range(first, last - first + 1).Select(Text)]
            : ["CLUSTER", "ADDSLOTSRANGE", Text(first), Text(last)];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
