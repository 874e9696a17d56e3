// Watches the replica that Sentinels have chosen, from that moment until it says that it is master.
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Sentinel;

/// <summary>
/// Asks every few milliseconds: the servers accept writes within a millisecond of the promotion and tell of it a second later (measured). Sentinel closes the
/// candidate's connections just before, so that the next question makes a new one.
/// </summary>
internal sealed class CandidateWatch(INodeQuery query, Func<NodeEndpoint, NodeEndpoint> map, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns when the node has been seen to be master, or the time is over.</summary>
    /// <param name="candidate">The announced address.</param>
    /// <param name="onSeen">Hears of every state it tells, in order.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    internal async Task RunAsync(NodeEndpoint candidate, Action<NodeEndpoint, ReplicationInfo> onSeen, CancellationToken cancellationToken)
    {
        HurriedNode hurried = new(time);
        while (!cancellationToken.IsCancellationRequested)
        {
            hurried.Hurry(map(candidate), query);
            ReplicationInfo? state = await TryAskAsync(query, map(candidate), _patience, cancellationToken).ConfigureAwait(false);
            if (state is { } told) onSeen(candidate, told);
            if (state is { IsMaster: true }) return;
            await Task.Delay(_pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks a node for its place in replication.</summary>
    internal static ValueTask<ReplicationInfo> AskAsync(INodeQuery query, NodeEndpoint node, CancellationToken cancellationToken)
        => query.QueryAsync(node, new Command(TopologyCommands.Info, "replication"), new ReplicationReply(), cancellationToken);

    private static async ValueTask<ReplicationInfo?> TryAskAsync(INodeQuery query, NodeEndpoint node, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await AskAsync(query, node, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RedisException or OperationCanceledException)
        {
            // Its connections are being closed, or it does not answer: the next question tells.
            return null;
        }
    }
}
