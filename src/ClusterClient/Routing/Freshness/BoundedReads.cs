// A view whose reads are answered by replicas only as long as these are known to be fresh enough.
using System.Runtime.CompilerServices;
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// Sends a read to a replica within the bounds, on the connection that its proof came on; everything else to the masters. In a cluster they answer also where a replica found nothing
/// (<see cref="EmptyReply"/>).
/// </summary>
/// <param name="router">The client's router.</param>
/// <param name="masters">The same view without a read policy.</param>
/// <param name="bounds">The policy and its bounds.</param>
internal sealed class BoundedReads(Router router, RoutedExecutor masters, ReadFrom bounds) : ReadView(router, masters)
{
    private readonly BoundRead _reads = new(router);

    private readonly ReadSteering _steering = ReadSteering.For(router, bounds)!; // A policy of the master alone, which has none, has no bound either.

    /// <inheritdoc/>
    protected override ValueTask<T> ReadAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        Connection? reader;
        int slot, keys;
        try
        {
            reader = FindReader(command, out slot, out keys);
        }
        catch (RedisException failure)
        {
            return ValueTask.FromException<T>(failure); // The user's selector failed.
        }

        if (reader is not null)
        {
            long started = Environment.TickCount64;
            EmptyReply<T>? watched = slot >= 0 ? EmptyReply<T>.Rent(reply, keys) : null; // Where there are no slots, none moves.
            if (_reads.TrySend(reader, command, watched ?? reply, Inner.TimeoutMilliseconds, cancellationToken) is { } sent) return OrMasterAsync(sent, watched, command, reply, started, cancellationToken);
        }

        return Inner.ExecuteAsync(command, reply, cancellationToken);
    }

    /// <inheritdoc/>
    protected override IRedisView Over(RoutedExecutor executor) => new BoundedReads(Router, executor, bounds);

    /// <summary>The connection to a replica that is fresh enough; null when the master is to answer.</summary>
    private Connection? FindReader(in Command command, out int slot, out int keys)
    {
        RoutingTable table = Router.Table;
        (slot, keys) = (CommandSlot.None, 0);
        if (table.Reads is not { } groups || !SingleSlot.TryFind(table, command, out slot, out keys) || groups.Find(slot) is not { Master: { } master } group) return null;
        if (slot >= 0 && !EmptyReply.Tells(command.Info, keys)) return null;
        Router.Watches.Of(master.Endpoint).Demand(bounds);
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
    private async ValueTask<T> OrMasterAsync<T>(ValueTask<T> sent, EmptyReply<T>? watched, Command command, ReplyParser<T> reply, long started, CancellationToken cancellationToken)
    {
        try
        {
            T result = await sent.ConfigureAwait(false);
            bool wasEmpty = watched is { WasEmpty: true };
            watched?.Return();
            if (!wasEmpty) return result;
            (result as IDisposable)?.Dispose();
        }
        catch (RedisException failure) when (failure is RedisConnectionException or RedisServerException)
        {
            // The replica went, loads, moved, or refuses: the master has the last word.
        }

        return await Inner.WithTimeLeft(started).ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
    }
}
