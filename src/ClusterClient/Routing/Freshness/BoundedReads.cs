// A view whose reads are answered by replicas only as long as these are known to be fresh enough.
using System.Runtime.CompilerServices;
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>Sends a read to a replica within the bounds, on the connection that its proof came on; everything else to the masters.</summary>
/// <param name="router">The client's router.</param>
/// <param name="masters">The same view without a read policy.</param>
/// <param name="bounds">The policy and its bounds.</param>
internal sealed class BoundedReads(Router router, RoutedExecutor masters, ReadFrom bounds) : ReadView(masters)
{
    private readonly BoundRead _reads = new(router);

    // There is one: a policy of the master alone, which has none, has no bound either.
    private readonly ReadSteering? _steering = ReadSteering.For(router, bounds);

    /// <inheritdoc/>
    public override ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        if (cancellationToken.IsCancellationRequested || router.IsDisposed || !command.Info.MayReadFromReplica) return Inner.ExecuteAsync(command, reply, cancellationToken);
        Connection? reader;
        try
        {
            reader = FindReader(command);
        }
        catch (RedisException failure)
        {
            return ValueTask.FromException<T>(failure); // The user's selector failed.
        }

        if (reader is not null)
        {
            long started = Environment.TickCount64;
            if (_reads.TrySend(reader, command, reply, Inner.TimeoutMilliseconds, cancellationToken) is { } sent)
                return sent.IsCompletedSuccessfully ? sent : OrMasterAsync(sent, command, reply, started, cancellationToken);
        }

        return Inner.ExecuteAsync(command, reply, cancellationToken);
    }

    /// <inheritdoc/>
    protected override IRedisView Over(RoutedExecutor executor) => new BoundedReads(router, executor, bounds);

    /// <summary>The connection to a replica that is fresh enough; null when the master is to answer.</summary>
    private Connection? FindReader(in Command command)
    {
        RoutingTable table = router.Table;
        if (_steering is null || table.Reads is not { } groups || !SingleSlot.TryFind(table, command, out int slot, out _) || groups.Find(slot) is not { Master: { } master } group) return null;
        router.Watches.Of(master.Endpoint).Demand(bounds);
        ulong avoided = 0;
        foreach (NodeConnection replica in group.Replicas)
        {
            if (FreshConnection(replica, master.Endpoint) is null) avoided |= replica.Reads.Mark;
        }

        NodeConnection? chosen = _steering.Choose(command.Info, group, avoided);
        return chosen is null || ReferenceEquals(chosen, master) ? null : FreshConnection(chosen, master.Endpoint);
    }

    private Connection? FreshConnection(NodeConnection replica, NodeEndpoint master)
        => replica.Current is { IsOpen: true } connection && connection.Sampler.Coverage is ReplicaCoverage coverage && coverage.IsWithin(bounds, master) ? connection : null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<T> OrMasterAsync<T>(ValueTask<T> sent, Command command, ReplyParser<T> reply, long started, CancellationToken cancellationToken)
    {
        try
        {
            return await sent.ConfigureAwait(false);
        }
        catch (RedisException failure) when (failure is RedisConnectionException or RedisServerException)
        {
            // The replica went, loads, moved, or refuses: the master has the last word.
        }

        return await Inner.WithTimeLeft(started).ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
    }
}
