// A view whose reads ask a second node when the first is slow, and take whichever answers first.
using System.Diagnostics;
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Routing.Freshness;

namespace ClusterClient.Routing.Hedging;

/// <summary>
/// A read goes to one connection; if no answer has come after a while, and the budget allows it, the same read goes to another node. What fails in both places,
/// and what is no read of one slot, goes the ordinary way.
/// </summary>
/// <param name="router">The client's router.</param>
/// <param name="plain">The same view without hedging.</param>
/// <param name="policy">The policy with its hedging.</param>
internal sealed class HedgedReads(Router router, RoutedExecutor plain, ReadFrom policy) : IRedisView
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);

    private readonly ReadSteering? _steering = ReadSteering.For(router, policy);
    private readonly BoundRead _reads = new(router);
    private readonly HedgeBudget _budget = new(policy.HedgePercent);
    private readonly TailEstimate _tail = new();

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        if (!cancellationToken.IsCancellationRequested && !router.IsDisposed && command.Info.MayReadFromReplica && FindGroup(command) is { } group
            && _steering!.Choose(command.Info, group, avoided: 0) is { Current: { } connection } first
            && _reads.TrySend(connection, command, reply, plain.TimeoutMilliseconds, cancellationToken) is { } sent)
        {
            _budget.Earn();
            return HedgeAsync(sent, group, first, command, reply, cancellationToken);
        }

        return plain.ExecuteAsync(command, reply, cancellationToken);
    }

    /// <inheritdoc/>
    public IRedisView WithTimeout(TimeSpan timeout) => Over(plain.WithTimeout(timeout));

    /// <inheritdoc/>
    public IRedisView WithRetryPolicy(RetryPolicy retry) => Over(plain.WithRetryPolicy(retry));

    /// <inheritdoc/>
    public IRedisView WithReadFrom(ReadFrom readFrom) => plain.WithReadFrom(readFrom);

    /// <inheritdoc/>
    public IRedisView OnNode(TopologyNode node) => plain.OnNode(node);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachMasterAsync<T>(Func<IRedisView, ValueTask<T>> ask) => plain.OnEachMasterAsync(ask);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachNodeAsync<T>(Func<IRedisView, ValueTask<T>> ask) => plain.OnEachNodeAsync(ask);

    /// <inheritdoc/>
    public RedisBatch CreateBatch() => plain.CreateBatch();

    /// <inheritdoc/>
    public IRedisView WithBulkConnection() => plain.WithBulkConnection();

    private HedgedReads Over(IRedisView view) => new(router, (RoutedExecutor)view, policy);

    private ReadGroup? FindGroup(in Command command)
    {
        RoutingTable table = router.Table;
        return _steering is not null && table.Reads is { } groups && SingleSlot.TryFind(table, command, out int slot, out _) ? groups.Find(slot) : null;
    }

    private async ValueTask<T> HedgeAsync<T>(ValueTask<T> sent, ReadGroup group, NodeConnection first, Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        long started = Environment.TickCount64;
        long begun = Stopwatch.GetTimestamp();
        Task<T> one = sent.AsTask();
        Task<T>? other = null;
        if (await IsSlowAsync(one, cancellationToken).ConfigureAwait(false)) TryAskOther(group, first, command, reply, started, cancellationToken, out other);
        Task<T> winner = other is null ? one : await Task.WhenAny(one, other).ConfigureAwait(false);
        if (other is not null && winner.IsFaulted) winner = ReferenceEquals(winner, one) ? other : one;
        if (ReferenceEquals(winner, one)) Drop(other);
        else _ = MeasureAsync(one, begun);
        try
        {
            T result = await winner.ConfigureAwait(false);
            if (ReferenceEquals(winner, one)) _tail.Add(Stopwatch.GetElapsedTime(begun));
            return result;
        }
        catch (RedisException failure) when (failure is RedisConnectionException or RedisServerException)
        {
            // The node went, loads, moved, or refuses: the ordinary way knows what to do.
        }

        return await plain.WithTimeLeft(started).ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether no answer has come within the time after which another node is to be asked.</summary>
    private async ValueTask<bool> IsSlowAsync(Task one, CancellationToken cancellationToken)
    {
        if (one.IsCompleted || (policy.HedgeAfter ?? _tail.Present) is not { } after) return false;
        if (after < _shortest) after = _shortest;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool isSlow = await Task.WhenAny(one, Task.Delay(after, end.Token)).ConfigureAwait(false) != one;
        await end.CancelAsync().ConfigureAwait(false);
        return isSlow && !cancellationToken.IsCancellationRequested;
    }

    private void TryAskOther<T>(ReadGroup group, NodeConnection first, in Command command, ReplyParser<T> reply, long started, CancellationToken cancellationToken, out Task<T>? answer)
    {
        answer = null;
        if (_steering!.Choose(command.Info, group, first.Reads.Mark) is not { Current: { } connection } || !_budget.TrySpend()) return;
        int left = (int)Math.Max(1, plain.TimeoutMilliseconds - (Environment.TickCount64 - started));
        answer = _reads.TrySend(connection, command, reply, left, cancellationToken)?.AsTask();
    }

    /// <summary>The later answer is of no use, but may hold pooled bytes; and what the slower node takes is to be known.</summary>
    private async Task MeasureAsync<T>(Task<T> late, long begun)
    {
        await late.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        _tail.Add(Stopwatch.GetElapsedTime(begun));
        Drop(late);
    }

    private static void Drop<T>(Task<T>? late)
        => _ = late?.ContinueWith(
            static ended =>
            {
                if (ended.IsCompletedSuccessfully) (ended.Result as IDisposable)?.Dispose();
                else _ = ended.Exception;
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
