// Runs every snippet of the README against a real cluster; a test holds the README to what stands here.
using ClusterClient.Testing;
using Snippets;

await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 3, replicasPerMaster: 1);
await Basics.RunAsync(cluster.ConnectionString);
await Failures.RunAsync(cluster.ConnectionString);
await Deployment.RunAsync(cluster.ConnectionString);
await Reading.RunAsync(cluster.ConnectionString);
await ManyNodes.RunAsync(cluster.ConnectionString);
await Messages.RunAsync(cluster.ConnectionString);
await AllKeys.RunAsync(cluster.ConnectionString);
if (cluster.Capabilities.HasFlag(ServerCapabilities.Replication)) await Replicas.RunAsync(cluster.ConnectionString);
if (cluster.Capabilities.HasFlag(ServerCapabilities.Sentinel))
{
    await using LocalSentinel watched = await LocalTopology.StartSentinelAsync(replicas: 1, sentinels: 1);
    await Sentinels.RunAsync(watched.ConnectionString);
}

await OwnTests.A_master_dies_and_the_client_goes_on();
Console.WriteLine("Every snippet ran.");
