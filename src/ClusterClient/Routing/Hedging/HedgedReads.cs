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
internal sealed class HedgedReads : ReadView
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);

    private readonly ReadFrom _policy;
    private readonly ReadSteering _steering;
    private readonly BoundRead _reads;
    private readonly HedgeBudget _budget;
    private readonly TailEstimate _tail;

    /// <param name="router">The client's router.</param>
    /// <param name="plain">The same view without hedging.</param>
    /// <param name="policy">The policy with its hedging.</param>
    internal HedgedReads(Router router, RoutedExecutor plain, ReadFrom policy) : base(router, plain)
    {
        _policy = policy;
        _steering = ReadSteering.For(router, policy)!; // A policy of the master alone, which has none, is not hedged.
        _reads = new BoundRead(router);
        _budget = router.Hedging.BudgetOf(policy);
        _tail = router.Hedging.TailOf(policy, plain.IsBulk);
    }

    /// <inheritdoc/>
    public override IRedisView WithBulkConnection() => Over((RoutedExecutor)Inner.WithBulkConnection());

    /// <inheritdoc/>
    protected override ValueTask<T> ReadAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        if (FindGroup(command) is { } group)
        {
            NodeConnection? first;
            try
            {
                first = _steering.Choose(command.Info, group, avoided: 0);
            }
            catch (RedisException failure)
            {
                return ValueTask.FromException<T>(failure);
            }

            if (first is not null && ConnectionOf(first) is { } connection && _reads.TrySend(connection, command, reply, Inner.TimeoutMilliseconds, cancellationToken) is { } sent)
            {
                _budget.Earn();
                return HedgeAsync(sent, group, first, command, reply, cancellationToken);
            }
        }

        return Inner.ExecuteAsync(command, reply, cancellationToken);
    }

    /// <inheritdoc/>
    protected override IRedisView Over(RoutedExecutor executor) => new HedgedReads(Router, executor, _policy);

    /// <summary>The connection that this view reads over; null while there is none.</summary>
    private Connection? ConnectionOf(NodeConnection node)
    {
        if (!Inner.IsBulk) return node.Current;
        NodeConnection bulk = node.Bulk;
        if (bulk.Current is null) bulk.Start();
        return bulk.Current;
    }

    private ReadGroup? FindGroup(in Command command)
    {
        RoutingTable table = Router.Table;
        return table.Reads is { } groups && SingleSlot.TryFind(table, command, out int slot, out _) ? groups.Find(slot) : null;
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
        if (other is not null) _ = ReferenceEquals(winner, one) ? DropAsync(other, begun: 0) : DropAsync(one, begun);
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

        return await Inner.WithTimeLeft(started).ExecuteAsync(command, reply, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether no answer has come within the time after which another node is to be asked.</summary>
    private async ValueTask<bool> IsSlowAsync(Task one, CancellationToken cancellationToken)
    {
        if (one.IsCompleted || (_policy.HedgeAfter ?? _tail.Present) is not { } after) return false;
        if (after < _shortest) after = _shortest;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool isSlow = await Task.WhenAny(one, Task.Delay(after, end.Token)).ConfigureAwait(false) != one;
        await end.CancelAsync().ConfigureAwait(false);
        return isSlow && !cancellationToken.IsCancellationRequested;
    }

    private void TryAskOther<T>(ReadGroup group, NodeConnection first, in Command command, ReplyParser<T> reply, long started, CancellationToken cancellationToken, out Task<T>? answer)
    {
        answer = null;
        NodeConnection? second;
        try
        {
            second = _steering.Choose(command.Info, group, first.Reads.Mark);
        }
        catch (RedisException)
        {
            // The user's selector failed; the first node has been asked, and its answer is as good as ever.
            return;
        }

        if (second is null || ConnectionOf(second) is not { } connection || !_budget.TrySpend()) return;
        int left = (int)Math.Max(1, Inner.TimeoutMilliseconds - (Environment.TickCount64 - started));
        answer = _reads.TrySend(connection, command, reply, left, cancellationToken)?.AsTask();
        if (answer is null) _budget.GiveBack();
    }

    /// <summary>The later answer is of no use, but may hold pooled bytes; and what the first node takes is to be known even when it is the slower.</summary>
    /// <param name="late">The answer, or failure, that nobody waits for.</param>
    /// <param name="begun">When the first node was asked, if this is its answer; else 0.</param>
    private async Task DropAsync<T>(Task<T> late, long begun)
    {
        try
        {
            (await late.ConfigureAwait(false) as IDisposable)?.Dispose();

            // Only an answer says how long answers take: a node that stays silent until the deadline, or refuses, would have all later reads wait for it.
            if (begun != 0) _tail.Add(Stopwatch.GetElapsedTime(begun));
        }
        catch (Exception failure) when (failure is RedisException or OperationCanceledException or ObjectDisposedException)
        {
            // The other node has answered; this one's failure is counted where the call ends.
        }
    }
}
