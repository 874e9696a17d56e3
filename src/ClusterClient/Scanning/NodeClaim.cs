// What a node says of itself: which process it is, and what it owns for sure.
using System.Collections.Immutable;
using ClusterClient.Protocol;
using ClusterClient.Topology;
using ClusterClient.Topology.Replies;

namespace ClusterClient.Scanning;

/// <summary>A node's own word.</summary>
/// <param name="Member">Its id in the cluster; empty outside one.</param>
/// <param name="Process">INFO's <c>run_id</c>, drawn when the process starts.</param>
/// <param name="Term">
/// In a cluster its config epoch: a slot that was lost to another master can only come back with a claim above that master's, so a node whose epoch has not
/// changed still has what it had. Elsewhere the replication id, which changes with every promotion and every new master.
/// </param>
/// <param name="Slots">What it owns and is neither sending nor receiving: its keys are all here.</param>
internal sealed record NodeClaim(string Member, string Process, string Term, SlotSet Slots)
{
    /// <summary>Whether the process that walked is still there, and has lost nothing that came back.</summary>
    internal bool Continues(ScanPass pass) =>
        string.Equals(Process, pass.Process, StringComparison.Ordinal) && string.Equals(Term, pass.Term, StringComparison.Ordinal)
        && string.Equals(Member, pass.Member, StringComparison.Ordinal);

    /// <summary>Asks a node. The parts may be of different moments, so it is asked again before anything is concluded.</summary>
    internal static async ValueTask<NodeClaim> AskAsync(IRedisView node, bool isCluster, CancellationToken cancellationToken)
    {
        ValueTask<ImmutableDictionary<string, string>> Info(string section) => node.ExecuteAsync(new Command(TopologyCommands.Info, section), InfoParser.Instance, cancellationToken);

        string process = (await Info("server").ConfigureAwait(false)).GetValueOrDefault("run_id")
            ?? throw new NotSupportedException("The server does not tell its run_id (INFO server), without which nobody can know whether a cursor is still its own.");
        if (!isCluster)
        {
            ImmutableDictionary<string, string> replication = await Info("replication").ConfigureAwait(false);
            return new(string.Empty, process, replication.GetValueOrDefault("master_replid", string.Empty), SlotSet.All);
        }

        ImmutableArray<ClusterNodesEntry> nodes = await node.ExecuteAsync(new Command(TopologyCommands.ClusterNodes), ClusterNodesParser.Instance, cancellationToken).ConfigureAwait(false);
        ClusterNodesEntry myself = nodes.First(static entry => entry.IsMyself);
        SlotSet slots = SlotSet.Of(myself.Slots).Except(SlotSet.Of(myself.Migrations.Select(static open => new SlotRange(open.Slot, open.Slot))));
        return new(myself.Id, process, myself.ConfigEpoch.ToString(System.Globalization.CultureInfo.InvariantCulture), slots);
    }
}
