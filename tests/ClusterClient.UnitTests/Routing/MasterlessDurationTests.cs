// How long a shard had no master, as metrics and events tell it.
using ClusterClient.UnitTests.Diagnostics;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Routing;

/// <summary>The measurement does not say whose it is: other tests, whose masters die as well, must not run beside it.</summary>
[Collection(nameof(MasterlessDurationTests))]
[CollectionDefinition(nameof(MasterlessDurationTests), DisableParallelization = true)]
public sealed class MasterlessDurationTests
{
    [Fact]
    public async Task How_long_a_master_was_gone_is_measured_and_what_happened_is_kept()
    {
        using Recorder recorder = new("clusterclient.masterless.duration");
        await using FakeCluster cluster = FakeCluster.Start(2, replicasPerMaster: 1);
        await using RedisClient redis = await cluster.ConnectAsync();
        (FakeNode old, FakeNode heir) = (cluster[0], cluster.Nodes.First(node => node.MasterId == cluster[0].Id));
        string key = cluster.KeyOf(old);
        old.Server.GoDown();
        Task<RedisValue> read = redis.StringGetAsync(key).AsTask();
        await Task.WhenAny(read, Task.Delay(200));
        Assert.False(read.IsCompleted);
        cluster.FailOver(old, heir);
        Assert.True((await Until.EndsAsync(read)).IsNull);
        await Until.HoldsAsync(() => recorder.Where("db.system.name=redis").Length > 0);
        Assert.InRange(recorder.Where("db.system.name=redis")[0].Value, 0.1, Until.Limit.TotalSeconds);

        await Until.HoldsAsync(() => redis.RecentTopologyEvents.Any(one => one.Version > 0 && one.Text.Contains($"{heir.Server.Name} Replica -> Master", StringComparison.Ordinal)));
        Assert.Equal(TopologyChangeReason.Bootstrap, redis.RecentTopologyEvents[0].Reason);
        Assert.Equal(redis.RecentTopologyEvents.OrderBy(static one => one.At), redis.RecentTopologyEvents);
    }
}
