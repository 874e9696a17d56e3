// A replica that loads its data is not read from, and reads go on.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

[Trait("Suite", "Reading")]
public sealed class LoadingReplicaTests(ITestOutputHelper output)
{
    private const string Key = "key";
    private const int Keys = 3000;

    [Theory]
    [InlineData("replica")]
    [InlineData("replicaPreferred&allowStaleReplicas=true")]
    public Task One_that_gets_all_data_anew_is_not_asked_before_it_has_it(string policy)
        => LoadBesideReadsAsync(policy, "all data anew", static async (master, loading) =>
        {
            // It asks for a history that its master knows nothing of, so it throws its data away.
            await master.ExecuteAsync("DEBUG", "CHANGE-REPL-ID");
            await loading.ExecuteAsync("CLIENT", "KILL", "TYPE", "master");
        });

    [Fact]
    public Task One_that_loads_while_its_link_is_up_costs_no_read_and_is_asked_again_when_it_has_loaded()
        => LoadBesideReadsAsync("replica", "DEBUG RELOAD", static (_, loading) => loading.ExecuteAsync("DEBUG", "RELOAD"));

    private async Task LoadBesideReadsAsync(string policy, string what, Func<LocalNode, LocalNode, Task> load)
    {
        await using FreshnessServers? servers = await StartAsync();
        if (servers is null) return;
        LocalNode loading = servers.Replicas[1];
        await using RedisClient redis = await servers.ConnectAsync($"&readFrom={policy}&heartbeatInterval=50ms&hangTimeout=20s");
        await FillAsync(redis, servers);
        SteadyReads reads = new(redis, Key);
        await reads.WaitForAsync(200);
        ServedCounts served = await ServedCounts.StartAsync([loading]);
        Task loaded = load(servers.Master, loading);
        await Eventually.TrueAsync(() => LoadsAsync(loading), "it loads");
        int answered = 0;
        while (await LoadsAsync(loading))
        {
            await reads.WaitForAsync(50);
            answered += 50;
        }

        await loaded;
        long refused = await served.ErrorsAsync(loading, "LOADING");
        await Eventually.TrueAsync(() => ServedCounts.IsReadFromAsync(loading), "it answers reads when it has loaded");
        await reads.StopAsync();
        Figure.Print(output, servers.Topology,
            $"a replica loads ({what}), readFrom={policy}: {answered} reads meanwhile, {reads.Problems.Count} errors, {refused} refusals, the longest time without a read {reads.LongestPause.TotalMilliseconds:F0} ms");
        Assert.Empty(reads.Problems);
        Assert.True(answered >= 100, $"{answered} reads while it loaded");
        Assert.True(refused < answered / 10, $"{refused} refusals beside {answered} answers");
    }

    /// <summary>Servers that need about a millisecond to load a key, and answer in between.</summary>
    private static Task<FreshnessServers?> StartAsync()
        => FreshnessServers.StartAsync(TopologyKind.Replicated, options: new() { CommandTimeout = TimeSpan.FromSeconds(30), ExtraConfig = { "key-load-delay 1000", "loading-process-events-interval-bytes 1024" } });

    private static async Task FillAsync(RedisClient redis, FreshnessServers servers)
    {
        await Task.WhenAll(Enumerable.Range(0, Keys).Select(i => redis.StringSetAsync($"filler:{i}", new string('x', 100)).AsTask()));
        await ShardFixture.WriteAsync(redis, Key, servers.Replicas);
    }

    private static async Task<bool> LoadsAsync(LocalNode node) => (await node.InfoAsync("persistence"))["loading"] == "1";
}
