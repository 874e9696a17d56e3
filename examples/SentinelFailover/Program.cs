// A master under the watch of Sentinels is killed while a client writes: what the client sees, and when.
using System.Diagnostics;
using ClusterClient;
using ClusterClient.Testing;
using SentinelFailover;

Console.OutputEncoding = System.Text.Encoding.UTF8;
if (!(await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.Sentinel))
{
    Console.WriteLine("The server found here has no Sentinel: put redis-server or valkey-server on PATH.");
    return 0;
}

// failover=confirmed waits about a second longer, until a Sentinel has confirmed the new master.
FailoverPolicy policy = args is ["confirmed"] ? FailoverPolicy.Confirmed : FailoverPolicy.Eager;
await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 3, new() { SentinelDownAfter = TimeSpan.FromSeconds(3) });
Console.WriteLine($"{topology.Server} {topology.ServerVersion}: a master, 2 replicas and 3 Sentinels, two of which must agree.");

// One Sentinel is enough: it names the others.
RedisClientOptions options = RedisClientOptions.Parse($"redis://{topology.Sentinels[0]}?serviceName={topology.ServiceName}&commandTimeout=30s");
options.Failover = policy;
await using RedisClient redis = await RedisClient.ConnectAsync(options);
Console.WriteLine(redis.Topology);

Stopwatch clock = Stopwatch.StartNew();
redis.TopologyChanged += (_, change) => Console.WriteLine($"{clock.Elapsed.TotalSeconds,7:F3} s  {change}");
WriteLoad load = WriteLoad.Start(redis, writers: 16);
await Task.Delay(500);

LocalNode master = await topology.GetMasterAsync();
Console.WriteLine($"{clock.Elapsed.TotalSeconds,7:F3} s  kill -9 of {master}, which is down for 3 s before the Sentinels act");
long killed = Stopwatch.GetTimestamp();
await master.KillAsync();
LocalNode heir = await topology.GetMasterAsync();
await Task.Delay(1000);
Console.WriteLine($"{clock.Elapsed.TotalSeconds,7:F3} s  {master} comes back, and is a replica now");
await master.RestartAsync();
await Task.Delay(1000);
await load.StopAsync();

Console.WriteLine();
Console.WriteLine($"{load.Written} writes, {load.Unknown} whose outcome is unknown (they were on the wire), {load.Failed} that failed otherwise.");
Console.WriteLine($"Writes stood still for {load.LongestPause(killed).TotalSeconds:F2} s ({policy}); every one that had not been sent waited, and succeeded on {heir}.");
bool isGood = load.Failed == 0 && redis.Topology.Masters[0].Endpoint.Port == heir.Port;
Console.WriteLine(isGood ? "Everything was right." : "SOMETHING WAS WRONG.");
return isGood ? 0 : 1;
