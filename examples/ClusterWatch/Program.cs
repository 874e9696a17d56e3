// A live view of a cluster as its client sees it, while masters die and slots move.
using ClusterClient;
using ClusterClient.Testing;
using ClusterWatch;

Console.OutputEncoding = System.Text.Encoding.UTF8;
if (WatchOptions.Parse(args) is not { } options)
{
    Console.WriteLine(WatchOptions.Usage);
    return 2;
}

try
{
    using CancellationTokenSource stop = new();
    Console.CancelKeyPress += (_, pressed) =>
    {
        pressed.Cancel = true;
        stop.Cancel();
    };
    using NodeMeters meters = new(listens: options.ConnectionString is null);
    EventLog log = new();
    if (options.ConnectionString is { } given) return await WatchOnlyAsync(given, meters, log, stop.Token);
    return await WatchOwnAsync(meters, log, stop.Token);
}
catch (Exception failure) when (failure is RedisException or LocalTopologyException or ArgumentException or TimeoutException or OperationCanceledException)
{
    Console.Error.WriteLine($"{failure.GetType().Name}: {failure.Message}");
    return 1;
}

async Task<int> WatchOnlyAsync(string connectionString, NodeMeters meters, EventLog log, CancellationToken stop)
{
    await using RedisClient redis = await RedisClient.ConnectAsync(connectionString, stop);
    Follow(redis, log);
    await using ServerCounts counts = new(redis, meters);
    counts.Start();
    using IView view = View(log, meters, redis.Topology.Kind.ToString(), "rates are the servers' own; nothing is written   q quit");
    await new Watch(new Sampler(redis, meters), view, faults: null).RunAsync(script: null, stop);
    return 0;
}

async Task<int> WatchOwnAsync(NodeMeters meters, EventLog log, CancellationToken stop)
{
    Console.WriteLine("Starting 3 masters and 3 replicas…");
    await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1, cancellationToken: stop);
    await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=20s", stop);
    Follow(redis, log);
    Faults faults = new(cluster, redis, log);
    Demo demo = new(redis, faults, log);
    await using Load load = new(redis, log);
    using (IView view = View(log, meters, $"{cluster.Server} {cluster.ServerVersion}", options.IsDemo ? "a demonstration: a master is killed, replaced and restarted" : "k kill -9 a master   r restart it   f fail over   m move slots   q quit"))
    {
        Task? script = options.IsDemo ? demo.RunAsync(stop) : null;
        await new Watch(new Sampler(redis, meters), view, faults).RunAsync(script, stop);
        await faults.WaitAsync();
        if (script is null) return 0;
        await script;
    }

    await load.DisposeAsync();
    return Summary.Print(demo, load, meters) ? 0 : 1;
}

static void Follow(RedisClient redis, EventLog log)
{
    redis.TopologyChanged += (_, change) => log.Add(change);
    log.Add(EventKind.Topology, $"v{redis.Topology.Version} connected: {redis.Topology.Masters.Length} masters, {redis.Topology.Replicas.Length} replicas, {redis.Topology.CoveredSlots} slots");
}

IView View(EventLog log, NodeMeters meters, string title, string keys) => options.IsPlain ? new PlainView(log) : new LiveView(log, meters, title, keys);
