// The refresher: one read at a time, patches that no running read undoes, changes told in order.
using System.Collections.Concurrent;
using ClusterClient.Diagnostics;
using ClusterClient.Topology;
using ClusterClient.Topology.Cluster;
using ClusterClient.UnitTests.Topology.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.UnitTests.Topology;

public sealed class TopologyRefresherTests : IAsyncDisposable
{
    private static readonly Picture _slotMoved = Picture.OfSix
        .Replace(Picture.OfSix["a"] with { Slots = [new(0, 4), new(6, 5460)] })
        .Replace(Picture.OfSix["b"] with { Epoch = 7, Slots = [new(5, 5), new(5461, 10922)] });

    private readonly FakeTime _time = new();
    private readonly ScriptedNodes _nodes = new ScriptedNodes().ServeAll(Picture.OfSix);
    private TopologyRefresher? _refresher;

    public async ValueTask DisposeAsync()
    {
        if (_refresher is not null) await _refresher.DisposeAsync().AsTask().Within();
    }

    private TopologyRefresher Create(params NodeEndpoint[] seeds)
    {
        var clock = new LogicalClock();
        if (seeds.Length == 0) seeds = [Picture.At(7000)];
        var options = new RedisClientOptions { Endpoints = { seeds[0] } };
        return _refresher = new(
            new ClusterTopologySource([.. seeds], endpointMap: null, clock, _time, NullLogger.Instance),
            _nodes, clock, new RefreshTiming(), _time, new Telemetry(options.Snapshot()), NullLogger.Instance);
    }

    /// <summary>Started, and past the look that follows every start.</summary>
    private async Task<TopologyRefresher> StartAsync()
    {
        TopologyRefresher refresher = Create();
        await refresher.Start().Within();
        await ReadsAsync(refresher, 2);
        await IdleAsync();
        return refresher;
    }

    // Moves the clock in small steps until that many reads were begun.
    private async Task ReadsAsync(TopologyRefresher refresher, long reads)
    {
        await Eventually.TrueAsync(
            () =>
            {
                if (refresher.Reads >= reads) return true;
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return false;
            },
            () => $"{refresher.Reads} reads, wanted {reads}");
    }

    // A read is counted before it asks: only once all six have been asked both questions is what comes next later than they.
    private Task AllAskedAsync() => Eventually.TrueAsync(() => _nodes.Asked.Count >= 12, () => $"{_nodes.Asked.Count} questions");

    // The loop sleeps towards the next periodic read.
    private Task IdleAsync() => Eventually.TrueAsync(() => _time.Pending is [var due, ..] && due > TimeSpan.FromSeconds(30), () => string.Join(", ", _time.Pending));

    [Fact]
    public async Task It_starts_with_the_first_picture_and_takes_a_second_look()
    {
        TopologyRefresher refresher = Create();
        Assert.Equal(TopologyKind.Unknown, refresher.Current.Kind);

        TopologySnapshot snapshot = await refresher.Start().Within();

        Assert.Same(snapshot, refresher.Current);
        Assert.Equal((1L, 6), (snapshot.Version, snapshot.Nodes.Length));
        Assert.Single(_nodes.NodesAsked);
        await ReadsAsync(refresher, 2);
        await IdleAsync();
        Assert.Equal(6, _nodes.NodesAsked.Count);
        Assert.Equal(1, refresher.Current.Version); // they all agreed
    }

    [Fact]
    public async Task A_start_that_fails_says_why_and_goes_on_trying()
    {
        _nodes.Refuse(Picture.At(7000));
        TopologyRefresher refresher = Create();

        RedisConnectionException error = await Assert.ThrowsAsync<RedisConnectionException>(() => refresher.Start().Within());
        Assert.Contains("127.0.0.1:7000", error.Message, StringComparison.Ordinal);
        Task<TopologySnapshot> waiter = refresher.WaitForChangeAsync(0, CancellationToken.None);

        _nodes.ServeAll(Picture.OfSix);
        await ReadsAsync(refresher, 3);
        Assert.Equal(6, (await waiter.Within()).Nodes.Length);
        Assert.Equal(1, refresher.FailedReads);
    }

    [Fact]
    public async Task A_thousand_requests_cost_at_most_two_reads()
    {
        TopologyRefresher refresher = await StartAsync();
        var gate = new TaskCompletionSource();
        foreach (Member member in Picture.OfSix.Members) _nodes.Hold(member.Endpoint, gate.Task);

        await Parallel.ForAsync(0, 500, (i, _) =>
        {
            refresher.RequestRefresh(i % 2 == 0 ? TopologyChangeReason.Moved : TopologyChangeReason.ClusterDown, Picture.At(7000 + (i % 6)));
            return ValueTask.CompletedTask;
        });
        await ReadsAsync(refresher, 3);
        for (int i = 0; i < 500; i++) refresher.RequestRefresh(TopologyChangeReason.Moved);
        gate.SetResult();
        await ReadsAsync(refresher, 4);
        await IdleAsync();

        Assert.Equal(4, refresher.Reads);
    }

    [Fact]
    public async Task A_refresh_is_waited_for_until_a_read_that_began_after_the_call()
    {
        TopologyRefresher refresher = await StartAsync();
        var gate = new TaskCompletionSource();
        foreach (Member member in Picture.OfSix.Members) _nodes.Hold(member.Endpoint, gate.Task);
        _nodes.Forget();
        Task<TopologySnapshot> first = refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        await ReadsAsync(refresher, 3);
        await AllAskedAsync();

        // This read began before the change; the next call must not be content with it.
        Task<TopologySnapshot> second = refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        _nodes.ServeAll(_slotMoved);
        gate.SetResult();

        Assert.Equal(7000, (await first.Within()).MasterOf(5)!.Endpoint.Port);
        Assert.Equal(7001, (await second.Within()).MasterOf(5)!.Endpoint.Port);
        Assert.Equal(4, refresher.Reads);
    }

    [Fact]
    public async Task The_period_brings_changes_nobody_complained_about()
    {
        TopologyRefresher refresher = await StartAsync();
        _nodes.ServeAll(_slotMoved);
        Task<TopologySnapshot> change = refresher.WaitForChangeAsync(refresher.Current.Version, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(67));

        Assert.Equal(7001, (await change.Within()).MasterOf(5)!.Endpoint.Port);
    }

    [Fact]
    public async Task A_MOVED_patches_at_once_and_is_confirmed_by_those_involved()
    {
        TopologyRefresher refresher = await StartAsync();
        _nodes.ServeAll(_slotMoved).Forget();

        TopologySnapshot patched = refresher.ApplyMoved(5, Picture.At(7001), Picture.At(7000));

        Assert.Equal((7001, 7000, 2L), (patched.MasterOf(5)!.Endpoint.Port, patched.MasterOf(6)!.Endpoint.Port, patched.Version));
        Assert.Same(patched, refresher.ApplyMoved(5, Picture.At(7001), Picture.At(7000))); // the second redirect finds it done
        await ReadsAsync(refresher, 3);
        await IdleAsync();
        Assert.Superset(new HashSet<NodeEndpoint> { Picture.At(7000), Picture.At(7001) }, _nodes.NodesAsked);
        Assert.Equal(7, refresher.Current.MasterOf(5)!.ConfigEpoch);
    }

    [Fact]
    public async Task A_MOVED_during_a_read_outlives_what_was_asked_before_it()
    {
        TopologyRefresher refresher = await StartAsync();
        var gate = new TaskCompletionSource();
        foreach (Member member in Picture.OfSix.Members) _nodes.Hold(member.Endpoint, gate.Task);
        _nodes.Forget();
        Task<TopologySnapshot> stale = refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        await ReadsAsync(refresher, 3);
        await AllAskedAsync();

        refresher.ApplyMoved(5, Picture.At(7001), Picture.At(7000));
        _nodes.ServeAll(_slotMoved);
        gate.SetResult();

        Assert.Equal(7001, (await stale.Within()).MasterOf(5)!.Endpoint.Port);
        await ReadsAsync(refresher, 4);
        await IdleAsync();
        Assert.Equal(7001, refresher.Current.MasterOf(5)!.Endpoint.Port);
    }

    [Fact]
    public async Task MOVEDs_from_many_threads_during_reads_are_never_lost()
    {
        TopologyRefresher refresher = await StartAsync();

        // Everybody lags, and the one node that could deny the moves does not answer.
        _nodes.Refuse(Picture.At(7001));
        using var stop = new CancellationTokenSource();
        Task reading = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        });

        await Parallel.ForAsync(0, 1000, async (slot, _) =>
        {
            Assert.Equal(7001, refresher.ApplyMoved(slot, Picture.At(7001), Picture.At(7000)).MasterOf(slot)!.Endpoint.Port);
            if (slot % 50 == 0) await refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        });
        await stop.CancelAsync();
        await reading.Within();

        Assert.All(Enumerable.Range(0, 1000), slot => Assert.Equal(7001, refresher.Current.MasterOf(slot)!.Endpoint.Port));
        Assert.All(Enumerable.Range(1000, 4000), slot => Assert.Equal(7000, refresher.Current.MasterOf(slot)!.Endpoint.Port));
        Assert.Equal(HashSlot.Count, refresher.Current.CoveredSlots);
    }

    [Fact]
    public async Task While_a_master_is_down_its_heir_is_looked_for_every_50_ms()
    {
        TopologyRefresher refresher = await StartAsync();
        _nodes.Freeze(Picture.At(7000));
        long before = refresher.Reads;

        refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, Picture.At(7000));
        await ReadsAsync(refresher, before + 5);
        Assert.Equal(7000, refresher.Current.MasterOf(0)!.Endpoint.Port);
        Task<TopologySnapshot> heir = refresher.WaitForChangeAsync(refresher.Current.Version, CancellationToken.None);

        // Promoted; only the heir itself knows.
        Picture promoted = Picture.OfSix
            .Replace(Picture.OfSix["a"] with { Slots = [], Flags = "fail" })
            .Replace(Picture.OfSix["d"] with { MasterName = null, Epoch = 4, Slots = [new(0, 5460)] });
        _nodes.Serve(promoted.SeenBy("d"));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return heir.IsCompleted;
            },
            () => $"{refresher.Reads} reads");
        Assert.Equal(7003, (await heir).MasterOf(0)!.Endpoint.Port);

        // And then they stop.
        await IdleAsync();
    }

    [Fact]
    public async Task News_of_a_node_is_what_is_not_known_yet()
    {
        TopologyRefresher refresher = await StartAsync();
        refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, new("left.example", 1));
        refresher.RequestRefresh(TopologyChangeReason.NodeRecovered, Picture.At(7005));
        await IdleAsync();
        Assert.Equal(2, refresher.Reads);

        _nodes.ServeAll(Picture.OfSix.Replace(Picture.OfSix["f"] with { Flags = "fail" })).Refuse(Picture.At(7005));
        refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, Picture.At(7005));
        await ReadsAsync(refresher, 3);
        await IdleAsync();
        Assert.False(refresher.Current.NodeAt(Picture.At(7005))!.IsAvailable);
        for (int i = 0; i < 10; i++) refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, Picture.At(7005));
        await IdleAsync();
        Assert.Equal(3, refresher.Reads);

        _nodes.ServeAll(Picture.OfSix);
        refresher.RequestRefresh(TopologyChangeReason.NodeRecovered, Picture.At(7005));
        await ReadsAsync(refresher, 4);
        await IdleAsync();
        Assert.True(refresher.Current.NodeAt(Picture.At(7005))!.IsAvailable);
    }

    [Fact]
    public async Task Waiters_get_the_next_version_and_those_who_are_late_get_it_at_once()
    {
        TopologyRefresher refresher = await StartAsync();
        Task<TopologySnapshot> waiting = refresher.WaitForChangeAsync(1, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        Task<TopologySnapshot> cancelled = refresher.WaitForChangeAsync(1, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Within());
        Assert.False(waiting.IsCompleted);

        TopologySnapshot patched = refresher.ApplyMoved(5, Picture.At(7001));

        Assert.Same(patched, await waiting.Within());
        Assert.Same(patched, await refresher.WaitForChangeAsync(1, CancellationToken.None));
        Assert.False(refresher.WaitForChangeAsync(2, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Changes_are_told_in_order_to_each_at_its_own_pace()
    {
        TopologyRefresher refresher = await StartAsync();
        var seen = new ConcurrentQueue<TopologyChange>();
        using var blocked = new ManualResetEventSlim();
        using IDisposable slow = refresher.Subscribe(_ => blocked.Wait());
        using IDisposable faulty = refresher.Subscribe(_ => throw new InvalidOperationException("a subscriber's own fault"));
        using IDisposable quick = refresher.Subscribe(seen.Enqueue);

        for (int slot = 0; slot < 60; slot++) refresher.ApplyMoved(slot, Picture.At(7001));
        await Eventually.TrueAsync(() => seen.Count == 60, () => $"{seen.Count} changes");
        blocked.Set();

        Assert.Equal(Enumerable.Range(2, 60).Select(version => (long)version), seen.Select(change => change.Current.Version));
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.Same(pair.First.Current, pair.Second.Previous));
        Assert.All(seen, change => Assert.Equal((TopologyChangeReason.Moved, 1), (change.Reason, change.MovedSlots)));
    }

    [Fact]
    public async Task A_subscriber_that_falls_behind_sees_changes_joined_without_a_gap()
    {
        TopologyRefresher refresher = await StartAsync();
        var seen = new ConcurrentQueue<TopologyChange>();
        using var blocked = new ManualResetEventSlim();
        using IDisposable slow = refresher.Subscribe(change =>
        {
            blocked.Wait();
            seen.Enqueue(change);
        });

        for (int slot = 0; slot < 1000; slot++) refresher.ApplyMoved(slot, Picture.At(7001));
        blocked.Set();
        await Eventually.TrueAsync(() => seen.LastOrDefault()?.Current.Version == refresher.Current.Version, () => $"{seen.Count} changes");

        Assert.InRange(seen.Count, 2, 70);
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.Same(pair.First.Current, pair.Second.Previous));
        Assert.Equal(1000, seen.Sum(change => change.MovedSlots));
    }

    [Fact]
    public async Task It_carries_nothing_of_the_caller_along()
    {
        var local = new AsyncLocal<string?> { Value = "the caller's" };
        var seen = new ConcurrentBag<string?>();
        _nodes.Serve(Picture.At(7000), (command, _) =>
        {
            seen.Add(local.Value);
            return Task.FromResult(System.Text.Encoding.UTF8.GetBytes(command == "CLUSTER SLOTS" ? Picture.OfSix.SlotsReply() : Reply.Bulk(Picture.OfSix.NodesText())));
        });
        using (ExecutionContext.SuppressFlow())
        {
            // Suppressed already: that must not be an error either.
            Create();
        }

        await _refresher!.Start().Within();
        Assert.All(seen, Assert.Null);
        Assert.NotEmpty(seen);
    }

    [Fact]
    public async Task Disposal_ends_everything()
    {
        TopologyRefresher refresher = await StartAsync();
        foreach (Member member in Picture.OfSix.Members) _nodes.Freeze(member.Endpoint);
        Task<TopologySnapshot> inRead = refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        await ReadsAsync(refresher, 3);
        Task<TopologySnapshot> inLine = refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None);
        Task<TopologySnapshot> waiting = refresher.WaitForChangeAsync(refresher.Current.Version, CancellationToken.None);

        await refresher.DisposeAsync().AsTask().Within();
        await refresher.DisposeAsync().AsTask().Within();

        foreach (Task<TopologySnapshot> task in new[] { inRead, inLine, waiting, refresher.RefreshAsync(TopologyChangeReason.Requested, CancellationToken.None), refresher.WaitForChangeAsync(99, CancellationToken.None) })
        {
            Assert.Equal(ConnectionFailure.Disposed, (await Assert.ThrowsAsync<RedisConnectionException>(() => task.Within())).Failure);
        }

        TopologySnapshot last = refresher.Current;
        Assert.Same(last, refresher.ApplyMoved(5, Picture.At(7001)));
        refresher.RequestRefresh(TopologyChangeReason.Moved);
        Assert.Empty(_time.Pending);
    }

    [Fact]
    public async Task Whatever_an_endpoint_map_throws_the_loop_goes_on()
    {
        int calls = 0;
        var clock = new LogicalClock();
        var options = new RedisClientOptions { Endpoints = { Picture.At(7000) } };
        _refresher = new(
            new ClusterTopologySource([Picture.At(7000)], announced => Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("the map's own fault") : announced, clock, _time, NullLogger.Instance),
            _nodes, clock, new RefreshTiming(), _time, new Telemetry(options.Snapshot()), NullLogger.Instance);

        await Assert.ThrowsAsync<InvalidOperationException>(() => _refresher.Start().Within());
        await ReadsAsync(_refresher, 2);
        await Eventually.TrueAsync(() => _refresher.Current.Version == 1, () => "no picture");
    }
}
