// What every row of the Sentinel figures begins with: a watched master with two replicas, under load.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

/// <summary>One master, two replicas, three Sentinels of which two must agree; 32 writers and 8 readers.</summary>
internal sealed class SentinelStage : IAsyncDisposable
{
    private readonly CancellationTokenSource _endOfWatch = new();
    private readonly ConcurrentBag<Task> _watches = [];

    private SentinelStage(LocalSentinel topology, RedisClient redis, LocalNode master, IReadOnlyList<LocalNode> replicas, ShardLoad load)
        => (Topology, Redis, Master, Replicas, Load) = (topology, redis, master, replicas, load);

    internal LocalSentinel Topology { get; }

    internal RedisClient Redis { get; }

    /// <summary>The master at the start.</summary>
    internal LocalNode Master { get; }

    /// <summary>The replicas at the start.</summary>
    internal IReadOnlyList<LocalNode> Replicas { get; }

    internal ShardLoad Load { get; }

    /// <summary>When the machine held up this process, or a server that is watched.</summary>
    internal Standstills Machine { get; } = Standstills.Start();

    /// <param name="policy">When a new master is written to.</param>
    /// <param name="isPersistent">Whether data outlives a restart.</param>
    /// <param name="isIdempotent">Whether the writers set, and do not count.</param>
    /// <param name="commandTimeoutSeconds">How long a call may wait.</param>
    /// <param name="options">More of the connection string: <c>&amp;name=value</c>.</param>
    /// <param name="failoverTimeoutSeconds">Twice as long after one failover began, the Sentinels may begin another.</param>
    internal static async Task<SentinelStage> StartAsync(FailoverPolicy policy, bool isPersistent = false, bool isIdempotent = false, int commandTimeoutSeconds = 20, string options = "", int failoverTimeoutSeconds = 10)
    {
        // At 1000 ms Sentinel itself sometimes fails over twice.
        LocalSentinel topology = await LocalTopology.StartSentinelAsync(2, 3, new() { SentinelDownAfter = TimeSpan.FromSeconds(3), SentinelFailoverTimeout = TimeSpan.FromSeconds(failoverTimeoutSeconds), Persistent = isPersistent });
        RedisClient? redis = null;
        try
        {
            redis = await RedisClient.ConnectAsync($"{topology.ConnectionString}&commandTimeout={commandTimeoutSeconds}s&failover={policy}{options}");
            LocalNode master = await topology.GetMasterAsync();
            IReadOnlyList<LocalNode> replicas = await topology.GetReplicasAsync();
            ShardLoad load = await ShardLoad.StartAsync(redis, "victim", writers: 32, readers: 8, isIdempotent: isIdempotent);
            await InStep.WaitAsync(master, replicas: 2);
            foreach (LocalNode sentinel in topology.Sentinels) await SentinelClients.HearAsync(sentinel);
            return new(topology, redis, master, replicas, load);
        }
        catch
        {
            if (redis is not null) await redis.DisposeAsync();
            await topology.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node that replaces the master, and the moment at which it first says that it is one; asked about every other millisecond.</summary>
    internal Task<(LocalNode Node, long At)> PromotionAsync() => Watch("a replica says that it is master", Replicas, ServerWatch.IsMaster);

    /// <summary>The first Sentinel that names a master of a higher epoch, and when.</summary>
    internal Task<(LocalNode Node, long At)> ConfirmationAsync()
    {
        string service = Topology.ServiceName, before = Master.Port.ToString(CultureInfo.InvariantCulture);
        return Watch("a Sentinel names another master", Topology.Sentinels, connection => connection.Execute("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service).Items[1].Text != before);
    }

    /// <summary>The Sentinel that leads a failover, before it promotes anybody.</summary>
    internal Task<(LocalNode Node, long At)> LeaderAsync()
    {
        string service = Topology.ServiceName;
        return Watch("a Sentinel leads a failover", Topology.Sentinels, connection => connection.Execute("SENTINEL", "MASTER", service).Items.Any(static field => field.Text?.Contains("failover_in_progress", StringComparison.Ordinal) is true));
    }

    internal void Print(ITestOutputHelper output, string figure) => Figure.Print(output, Topology, $"Sentinel: {figure}");

    /// <summary>Ends all watches of servers and of the machine.</summary>
    internal async Task StopWatchingAsync()
    {
        await _endOfWatch.CancelAsync();
        await Task.WhenAll(_watches.Append(Machine.StopAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        await StopWatchingAsync();
        _endOfWatch.Dispose();
        await Redis.DisposeAsync();
        await Topology.DisposeAsync();
    }

    /// <summary>Asks each node again and again on a thread of its own. What one waits for its answers is noted until the end of the watch, beyond the moment that is looked for.</summary>
    private async Task<(LocalNode Node, long At)> Watch(string what, IEnumerable<LocalNode> nodes, Func<RawConnection, bool> holds)
    {
        TaskCompletionSource<(LocalNode, long)> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (LocalNode node in nodes.Where(static node => node.IsRunning)) _watches.Add(ServerWatch.OnThreadOfItsOwn(() => WatchOne(node, holds, found)));
        try
        {
            return await found.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not within a minute: {what}.");
        }
    }

    /// <summary>Connects again where Sentinel closes a node's connections.</summary>
    private bool WatchOne(LocalNode node, Func<RawConnection, bool> holds, TaskCompletionSource<(LocalNode, long)> found)
    {
        ServerWatch.AskOn(
            node,
            restMilliseconds: 2,
            connection =>
            {
                long asked = Stopwatch.GetTimestamp();
                bool isIt = holds(connection);
                long answered = Stopwatch.GetTimestamp();
                Machine.Note(asked, answered);
                if (isIt) found.TrySetResult((node, answered));
                return true;
            },
            _endOfWatch.Token);
        return found.Task.IsCompleted;
    }
}
