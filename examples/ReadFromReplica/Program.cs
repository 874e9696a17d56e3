// Reads answered by replicas, on a master with two replicas that this program starts: by every policy, and while the master dies and a replica takes its place.
using ClusterClient;
using ClusterClient.Testing;
using ReadFromReplica;

Console.OutputEncoding = System.Text.Encoding.UTF8;
try
{
    await using Stage stage = await Stage.StartAsync();
    Report.Title("A master and two replicas, found from one of the replicas");
    RedisClientOptions options = RedisClientOptions.Parse($"redis://{stage.Replicas[0]}?readFrom=replicaPreferred&commandTimeout=20s&availabilityZone={Policies.Zone}");

    // Valkey's servers can tell their zone themselves (availability-zone); here it is told for them.
    options.ZoneOf = endpoint => endpoint.Port == stage.Replicas[0].Port ? Policies.Zone : "zone-b";
    await using RedisClient redis = await RedisClient.ConnectAsync(options);
    Report.Line($"{stage.Server} {stage.ServerVersion}; connected through {stage.Replicas[0]}");
    foreach (string line in redis.Topology.ToString().Split('\n')) Report.Line(line);
    await redis.StringSetAsync(Callers.Key, "value");
    await stage.WaitUntilCopiedAsync(Callers.Key);

    await Policies.ShowAsync(redis, stage);
    redis.TopologyChanged += (_, change) => Report.Event($"the client sees: {change}");
    await MasterLoss.ShowAsync(redis, stage);
}
catch (Exception failure)
{
    Report.Failed(failure);
}

return Report.End();
