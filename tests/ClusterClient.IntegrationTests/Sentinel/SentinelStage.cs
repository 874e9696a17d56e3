// What every row of the Sentinel figures begins with: a watched master with two replicas, under load.
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

/// <summary>One master, two replicas, three Sentinels of which two must agree; 32 writers and 8 readers.</summary>
internal sealed class SentinelStage : IAsyncDisposable
{
    private long _slowest;

    private SentinelStage(LocalSentinel topology, RedisClient redis, LocalNode master, IReadOnlyList<LocalNode> replicas, ShardLoad load)
        => (Topology, Redis, Master, Replicas, Load) = (topology, redis, master, replicas, load);

    internal LocalSentinel Topology { get; }

    internal RedisClient Redis { get; }

    /// <summary>The master at the start.</summary>
    internal LocalNode Master { get; }

    /// <summary>The replicas at the start.</summary>
    internal IReadOnlyList<LocalNode> Replicas { get; }

    internal ShardLoad Load { get; }

    /// <summary>The longest that any of the watched servers took to answer one question: how long the machine held up them, not us.</summary>
    internal TimeSpan SlowestAnswer => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _slowest));

    /// <param name="policy">When a new master is written to.</param>
    /// <param name="isPersistent">Whether data outlives a restart.</param>
    /// <param name="isIdempotent">Whether the writers set, and do not count.</param>
    /// <param name="commandTimeoutSeconds">How long a call may wait.</param>
    /// <param name="options">More of the connection string: <c>&amp;name=value</c>.</param>
    internal static async Task<SentinelStage> StartAsync(FailoverPolicy policy, bool isPersistent = false, bool isIdempotent = false, int commandTimeoutSeconds = 20, string options = "")
    {
        // At 1000 ms Sentinel itself sometimes fails over twice.
        LocalSentinel topology = await LocalTopology.StartSentinelAsync(2, 3, new() { SentinelDownAfter = TimeSpan.FromSeconds(3), Persistent = isPersistent });
        RedisClient? redis = null;
        try
        {
            redis = await RedisClient.ConnectAsync($"{topology.ConnectionString}&commandTimeout={commandTimeoutSeconds}s&failover={policy}{options}");
            LocalNode master = await topology.GetMasterAsync();
            IReadOnlyList<LocalNode> replicas = await topology.GetReplicasAsync();
            ShardLoad load = await ShardLoad.StartAsync(redis, "victim", writers: 32, readers: 8, isIdempotent: isIdempotent);

            // Replication is asynchronous: what is read must have reached the replicas before their master is hit.
            Assert.Equal(2, (await master.ExecuteAllAsync([["SET", "{victim}:mark", "1"], ["WAIT", "2", "5000"]]))[1].Number);
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
    internal Task<(LocalNode Node, long At)> PromotionAsync() => Watch("a replica says that it is master", Replicas, static connection => connection.Execute("ROLE").Items[0].Text is "master");

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

    /// <summary>How many writes a node has run or refused, its master's own stream not counted.</summary>
    internal static async Task<long> ClientWritesAsync(LocalNode node, bool refusedOnly)
    {
        string statistics = (await node.ExecuteAsync("INFO", "commandstats")).Text;
        return Regex.Matches(statistics, refusedOnly ? "cmdstat_(?:incr|set):.*rejected_calls=([0-9]+)" : "cmdstat_(?:incr|set):calls=([0-9]+)").Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    internal void Print(ITestOutputHelper output, string figure) => Figure.Print(output, Topology, $"Sentinel: {figure}");

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Topology.DisposeAsync();
    }

    /// <summary>Asks each node again and again on a thread of its own, reconnecting where Sentinel closes a node's connections.</summary>
    private async Task<(LocalNode Node, long At)> Watch(string what, IEnumerable<LocalNode> nodes, Func<RawConnection, bool> holds)
    {
        using CancellationTokenSource end = new(TimeSpan.FromSeconds(60));
        Task<(LocalNode, long)>[] watches = [.. nodes.Where(static node => node.IsRunning).Select(node => ServerWatch.OnThreadOfItsOwn(() => (node, WatchOne(node, holds, end.Token))))];
        Task<(LocalNode Node, long At)> first = await Task.WhenAny(watches);
        await end.CancelAsync();
        await Task.WhenAll(watches);
        (LocalNode Node, long At) result = await first;
        return result.At != 0 ? result : throw new TimeoutException($"Not within a minute: {what}.");
    }

    private long WatchOne(LocalNode node, Func<RawConnection, bool> holds, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                using RawConnection connection = new(node);
                while (!end.IsCancellationRequested)
                {
                    long asked = Stopwatch.GetTimestamp();
                    bool isIt = holds(connection);
                    long answered = Stopwatch.GetTimestamp(), took = answered - asked;
                    for (long slowest = Volatile.Read(ref _slowest); took > slowest; slowest = Volatile.Read(ref _slowest)) Interlocked.CompareExchange(ref _slowest, took, slowest);
                    if (isIt) return answered;
                    connection.AwaitEnd(2);
                }
            }
            catch (Exception failure) when (ServerWatch.IsOfServer(failure))
            {
                end.WaitHandle.WaitOne(1);
            }
        }

        return 0;
    }
}
