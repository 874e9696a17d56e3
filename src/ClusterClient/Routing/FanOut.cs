// A command without keys on its way to every node that it concerns, and the one reply that comes of it.
using System.Collections.Concurrent;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>
/// One call of a command that one node alone would answer for itself only. All nodes are asked at the same time, under the one deadline; then the
/// topology is read anew, for what was asked may not have been all there is.
/// </summary>
/// <remarks>
/// What reads must come from one picture: when masters or, for what concerns keys, owners of slots have changed meanwhile, all are asked again.
/// What writes is sent to whoever came to it meanwhile. FLUSHALL and FLUSHDB are sent twice: a key that was on its way from a node that had not
/// yet been flushed to one that had, survives the first round, and not the second.
/// </remarks>
internal sealed class FanOut(Router router, RoutedExecutor view, RetryPolicy retry, bool isBulk, int timeoutMilliseconds, Command command, CancellationToken cancellationToken)
{
    /// <summary>While slots move without end there is no one picture: the last of so many is given.</summary>
    private const int MaxPictures = 4;

    private readonly long _started = Environment.TickCount64;

    /// <summary>Nodes that said they were replicas.</summary>
    private readonly ConcurrentDictionary<NodeEndpoint, bool> _readOnly = new();

    internal Router Router => router;

    internal RoutedExecutor View => view;

    internal RetryPolicy Retry => retry;

    internal bool IsBulk => isBulk;

    internal CancellationToken CancellationToken => cancellationToken;

    internal Command Command => command;

    internal CommandInfo Info => command.Info;

    /// <summary>Milliseconds until the deadline; 0 or less behind it.</summary>
    internal long TimeLeft => timeoutMilliseconds - (Environment.TickCount64 - _started);

    /// <summary>Whether the command still concerns a node, as far as is known now.</summary>
    internal bool IsConcerned(TopologyNode node)
    {
        TopologySnapshot snapshot = router.Table.Snapshot;
        return snapshot.NodeAt(node.Endpoint) is { } now && now.IsSameMember(node) && IsConcerned(snapshot, now);
    }

    /// <summary>A node says that it is a replica, whatever the topology still says.</summary>
    internal void IsReplica(TopologyNode node) => _readOnly[node.Endpoint] = true;

    /// <summary>Runs the command.</summary>
    /// <exception cref="FanOutException">Not all nodes carried it out.</exception>
    /// <exception cref="RedisServerException">All refused it in the same words.</exception>
    /// <exception cref="RedisCanceledException">The caller gave up meanwhile.</exception>
    internal async ValueTask<T> RunAsync<T>(ReplyParser<T> parser)
    {
        IReadOnlyList<NodeCall> answered = Info.Is(CommandFlags.ReadOnly) ? await ReadAsync().ConfigureAwait(false) : await WriteAsync().ConfigureAwait(false);
        return RespTreeWriter.Read(FanOutJoin.Join(Info, [.. answered.Select(static call => call.Reply)]), parser, Info);
    }

    private async Task<IReadOnlyList<NodeCall>> ReadAsync()
    {
        TopologySnapshot before = router.Table.Snapshot;
        for (int picture = 1; ; picture++)
        {
            NodeCall[] calls = await AskAsync(Concerned(before), []).ConfigureAwait(false);
            TopologySnapshot after = await LookAgainAsync(calls).ConfigureAwait(false);
            bool isWhole = !Array.Exists(calls, static call => call.IsGone) && calls.Length > 0;
            if (isWhole && (picture >= MaxPictures || IsSamePicture(before, after))) return calls;
            before = after;
        }
    }

    private async Task<IReadOnlyList<NodeCall>> WriteAsync()
    {
        TopologySnapshot before = router.Table.Snapshot;
        List<NodeCall> done = [], earlier = [];
        List<TopologyNode> left = Concerned(before);
        bool again = Info.Route == KeylessRoute.Keyspace && left.Count > 1;
        while (true)
        {
            done.AddRange((await AskAsync(left, [.. earlier, .. done]).ConfigureAwait(false)).Where(static call => !call.IsGone));
            TopologySnapshot after = await LookAgainAsync(done).ConfigureAwait(false);
            if (again)
            {
                again = false;
                earlier = done;
                done = [];
            }

            left = Concerned(after);
            left.RemoveAll(node => done.Exists(call => call.Node.IsSameMember(node) || HasInherited(node, call.Node, before)));
            if (left.Count == 0 && done.Count > 0) return done;
            before = after;
        }
    }

    /// <summary>Asks nodes at the same time; none of the calls returned has failed.</summary>
    private async Task<NodeCall[]> AskAsync(List<TopologyNode> nodes, List<NodeCall> done)
    {
        NodeCall[] calls = [.. nodes.Select(node => new NodeCall(this, node))];
        await Task.WhenAll(calls.Select(static call => call.RunAsync())).ConfigureAwait(false);
        FanOutErrors.ThrowIfAnyFailed(this, calls, done);
        return calls;
    }

    /// <summary>Reads the topology anew: masters may have come of which this client has not heard.</summary>
    private async Task<TopologySnapshot> LookAgainAsync(IReadOnlyCollection<NodeCall> done)
    {
        try
        {
            // Nobody is known who would answer; the servers need time to agree on somebody.
            if (done.Count == 0) await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            await router.RefreshAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, TimeLeft)), cancellationToken).ConfigureAwait(false);
            return router.Table.Snapshot;
        }
        catch (Exception failure)
        {
            throw FanOutErrors.NotConfirmed(this, done, failure);
        }
    }

    private List<TopologyNode> Concerned(TopologySnapshot snapshot) => [.. snapshot.Nodes.Where(node => IsConcerned(snapshot, node))];

    private bool IsConcerned(TopologySnapshot snapshot, TopologyNode node)
    {
        // A master that was just replaced is shown as one without slots until the nodes have told each other: its keys are its heir's now.
        if (_readOnly.ContainsKey(node.Endpoint) || (Info.Route == KeylessRoute.Keyspace && Info.Is(CommandFlags.ReadOnly))) return snapshot.OwnsSlots(node.Endpoint);

        // Replicas count where connections do, and only while they are up: who subscribed to one that is dead is gone with it.
        return snapshot.IsServing(node) || (Info.Route == KeylessRoute.AllNodes && !node.IsMaster && node.IsAvailable);
    }

    private bool IsSamePicture(TopologySnapshot before, TopologySnapshot after)
        => Info.Route == KeylessRoute.Keyspace
            ? before.HasSameOwners(after)
            : Concerned(before).Select(static node => node.Endpoint).ToHashSet().SetEquals(Concerned(after).Select(static node => node.Endpoint));

    /// <summary>Whether a new master has by replication what its master, which carried the command out, has got: it must not be told twice what cannot be done twice.</summary>
    private bool HasInherited(TopologyNode heir, TopologyNode master, TopologySnapshot before)
        => !Info.Is(CommandFlags.Idempotent) && master.Id is not null && before.NodeAt(heir.Endpoint) is { } then && string.Equals(then.MasterId, master.Id, StringComparison.Ordinal);
}
