// A master under the watch of Sentinels is killed while a client writes: what the client sees, and when.
using System.Diagnostics;
using ClusterClient;
using ClusterClient.Testing;
using SentinelFailover;

Console.OutputEncoding = System.Text.Encoding.UTF8;
if (!(await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.Sentinel))
{
    Report.Line("The server found here has no Sentinel: put redis-server or valkey-server on PATH.");
    return 0;
}

// failover=confirmed waits about a second longer, until a Sentinel has confirmed the new master.
FailoverPolicy policy = args is ["confirmed"] ? FailoverPolicy.Confirmed : FailoverPolicy.Eager;
try
{
    Report.Title("A master, 2 replicas and 3 Sentinels, two of which must agree");
    await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 3, new() { SentinelDownAfter = TimeSpan.FromSeconds(3) });

    // One Sentinel is enough: it names the others.
    RedisClientOptions options = RedisClientOptions.Parse($"redis://{topology.Sentinels[0]}?serviceName={topology.ServiceName}&commandTimeout=30s");
    options.Failover = policy;
    await using RedisClient redis = await RedisClient.ConnectAsync(options);
    Report.Line($"{topology.Server} {topology.ServerVersion}; asked the Sentinel {topology.Sentinels[0]} alone");
    foreach (string line in redis.Topology.ToString().Split('\n')) Report.Line(line);

    redis.TopologyChanged += (_, change) => Report.Event($"the client sees: {change}");
    WriteLoad load = WriteLoad.Start(redis, writers: 16);
    await load.WaitForMoreAsync(1000);

    LocalNode master = await topology.GetMasterAsync();
    Report.Title($"The master is killed under {policy} writers");
    Report.Event($"kill -9 of {master}, which is down for 3 s before the Sentinels act");
    Task<long> promotion = Promotion.OfAnyAsync(await topology.GetReplicasAsync());
    long killed = Stopwatch.GetTimestamp();
    await master.KillAsync();
    long promoted = await promotion;
    await load.WaitForMoreAsync(1000);
    LocalNode heir = await topology.GetMasterAsync();
    await master.RestartAsync();
    Report.Event($"{master} comes back, and is made a replica");
    await load.WaitForMoreAsync(3000);
    await load.StopAsync();

    Report.Title("What the writers saw");
    Report.Line($"{load.Written} writes, {load.Unknown} whose outcome is unknown (they were on the wire), {load.Failed} that failed otherwise.");
    Report.Line($"Writes stood still for {load.LongestPause(killed).TotalSeconds:F2} s, most of which the Sentinels took to decide: the first one succeeded {load.FirstAfter(promoted).TotalMilliseconds:F0} ms after {heir} said that it is master.");
    Report.Check(load.Failed == 0, "every write that had not been sent waited, and succeeded");
    Report.Check(load.Unknown <= 16, "at most the one write of each writer that was on the wire is unknown");
    Report.Check(redis.Topology.Masters[0].Endpoint.Port == heir.Port, $"the client writes to {heir} now");
}
catch (Exception failure)
{
    Report.Failed(failure);
}

return Report.End();
