// Finding the master through Sentinels, and the clear word where the configuration is wrong.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ClusterClient.IntegrationTests.Failover;
using ClusterClient.IntegrationTests.PubSub;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class SentinelConnectTests
{
    [Fact]
    public async Task One_sentinel_is_enough_to_find_the_master_its_replicas_and_the_other_sentinels()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 3);
        LocalNode master = await topology.GetMasterAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{topology.Sentinels[0]}?serviceName={topology.ServiceName}");
        Assert.Equal(TopologyKind.Sentinel, redis.Topology.Kind);
        Assert.Equal(master.Port, Assert.Single(redis.Topology.Masters).Endpoint.Port);
        Assert.Equal(topology.DataNodes.Where(node => node != master).Select(static node => node.Port).Order(), redis.Topology.ReplicasOf(redis.Topology.Masters[0]).Select(static node => node.Endpoint.Port).Order());
        Assert.All(redis.Topology.Replicas, static node => Assert.True(node is { IsAvailable: true, IsLinkUp: true }));
        Assert.True(await redis.StringSetAsync("k", "v"));
        Assert.Equal("v", (string?)await redis.StringGetAsync("k"));

        // The others are learned: when the one that was given is gone, a failover is still followed.
        await topology.Sentinels[0].KillAsync();
        LocalNode heir = await topology.FailoverAsync(by: topology.Sentinels[1]);
        Assert.NotEqual(master, heir);
        await AfterFailover.IsFollowedAsync(redis, heir);
        Assert.True(await redis.StringSetAsync("k", "w"));
    }

    [Fact]
    public async Task Credentials_of_sentinels_and_data_nodes_may_differ_and_TLS_is_spoken_to_both()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 1, new() { Password = "data", SentinelPassword = "watch", UseTls = true });
        RedisClientOptions options = RedisClientOptions.Parse(topology.ConnectionString);
        options.RemoteCertificateValidation = (_, certificate, _, _) => certificate!.Issuer == topology.Tls!.CaCertificate.Subject;
        RedisConnectionException refused = await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(options));
        Assert.Equal(ConnectionFailure.Authentication, refused.Failure);
        options.SentinelPassword = "watch";
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        Assert.True(await redis.StringSetAsync("k", "v"));
        Assert.DoesNotContain("watch", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_service_name_is_told_with_those_there_are()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 1, new() { ServiceName = "orders" });
        RedisException wrong = await Assert.ThrowsAnyAsync<RedisException>(async () => await RedisClient.ConnectAsync($"redis://{topology.Sentinels[0]}?serviceName=order"));
        Assert.Contains("'order' (serviceName)", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("watches: orders", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_node_in_place_of_a_sentinel_is_told_and_so_is_a_sentinel_in_place_of_a_data_node()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 1);
        LocalNode data = topology.DataNodes[0];
        RedisException wrong = await Assert.ThrowsAnyAsync<RedisException>(async () => await RedisClient.ConnectAsync($"redis://{data}?serviceName=mymaster"));
        Assert.Contains("must be those of Sentinels", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(data.ToString(), wrong.Message, StringComparison.Ordinal);
        RedisException missing = await Assert.ThrowsAnyAsync<RedisException>(async () => await RedisClient.ConnectAsync($"redis://{topology.Sentinels[0]}"));
        Assert.Contains("set serviceName", missing.Message, StringComparison.Ordinal);

        // One among Sentinels is left out, with a warning.
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://{data},{topology.Sentinels[0]}?serviceName=mymaster");
        Assert.True(await redis.StringSetAsync("k", "v"));
    }

    [Fact]
    public async Task A_replica_that_is_down_is_marked_and_so_is_one_without_its_master()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 3);
        await using RedisClient redis = await RedisClient.ConnectAsync(topology.ConnectionString);
        IReadOnlyList<LocalNode> replicas = await topology.GetReplicasAsync();
        await replicas[0].KillAsync();
        await Eventually.TrueAsync(
            () => redis.Topology.Replicas.Single(node => node.Endpoint.Port == replicas[0].Port) is { IsAvailable: false } down && down.Flags.HasFlag(ClusterNodeFlags.SubjectivelyDown),
            "a replica that is down is marked");
        await replicas[1].CutReplicaLinkAsync();
        await redis.RefreshTopologyAsync();
        Assert.False(redis.Topology.Replicas.Single(node => node.Endpoint.Port == replicas[1].Port).IsLinkUp);
        await replicas[1].MendReplicaLinkAsync();
        await replicas[0].RestartAsync();
        await Eventually.TrueAsync(() => redis.Topology.Replicas.Single(node => node.Endpoint.Port == replicas[0].Port).IsAvailable, "a replica that is back is marked so");
        await redis.RefreshTopologyAsync();
        Assert.All(redis.Topology.Replicas, static node => Assert.True(node.IsLinkUp));
    }

    [Fact]
    public async Task That_a_node_is_down_is_told_as_a_change_subjectively_and_of_a_master_objectively_too()
    {
        const ClusterNodeFlags Subjectively = ClusterNodeFlags.SubjectivelyDown, Objectively = Subjectively | ClusterNodeFlags.ObjectivelyDown;
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(replicas: 1, sentinels: 3);
        LocalNode master = await topology.GetMasterAsync(), replica = (await topology.GetReplicasAsync())[0];
        await using RedisClient redis = await RedisClient.ConnectAsync(topology.ConnectionString);
        ConcurrentQueue<TopologyChange> changes = new();
        redis.TopologyChanged += (_, change) => changes.Enqueue(change);

        await replica.KillAsync();
        await IsToldAsync(replica, Subjectively, NodeRole.Replica);

        // There is nobody to promote: it stays what it is, and down.
        master.Freeze();
        await IsToldAsync(master, Objectively, NodeRole.Master);
        Assert.True(redis.Topology.Masters[0].Flags.HasFlag(Objectively));
        changes.Clear();
        master.Thaw();
        await IsToldAsync(master, ClusterNodeFlags.None, NodeRole.Master);
        await replica.RestartAsync();
        await IsToldAsync(replica, ClusterNodeFlags.None, NodeRole.Replica);
        Assert.DoesNotContain(changes, static change => change.Current.Replicas.Any(static node => node.Flags.HasFlag(ClusterNodeFlags.ObjectivelyDown))); // Sentinels agree on masters alone.
        Assert.True(await redis.StringSetAsync("k", "v"));

        Task IsToldAsync(LocalNode node, ClusterNodeFlags flags, NodeRole role) => Eventually.TrueAsync(
            () => changes.Any(change => change.Updated.Any(updated => updated.Endpoint.Port == node.Port && updated.Role == role && (updated.Flags & Objectively) == flags)),
            $"{node}, a {role}, is told to be {flags}; told was: {string.Join("; ", changes)}");
    }

    [Fact]
    public async Task Where_nobody_listens_the_error_names_every_sentinel_that_was_given_and_what_to_check()
    {
        string[] nobody = [.. Enumerable.Range(0, 2).Select(static _ => UnusedAddress())];
        RedisConnectionException none = await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync($"redis://{string.Join(',', nobody)}?serviceName=orders"));
        Assert.Equal((ConnectionFailure.Refused, Outcome.NotExecuted), (none.Failure, none.Outcome));
        Assert.StartsWith("No Sentinel could tell the master of 'orders': ", none.Message, StringComparison.Ordinal);
        Assert.All(nobody, address => Assert.Contains(address, none.Message, StringComparison.Ordinal));
        Assert.EndsWith("Check that Sentinels listen there (port 26379 by default).", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_follows_the_master()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(replicas: 2, sentinels: 3);
        await using RedisClient redis = await RedisClient.ConnectAsync(topology.ConnectionString);
        Collector news = new(await redis.SubscribeAsync("news"));
        Assert.Equal(1, await redis.PublishAsync("news", "before"));
        await topology.FailoverAsync();
        await news.HearsAsync(value => redis.PublishAsync("news", value), "after");
        Assert.InRange(news.Subscription.Gaps, 1, 3);
        Assert.True(news.Has("before"));
    }

    /// <summary>Where nobody listens.</summary>
    private static string UnusedAddress()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
