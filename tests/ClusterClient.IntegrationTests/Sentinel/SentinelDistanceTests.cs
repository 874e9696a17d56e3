// A Sentinel and a master that are far away, beside a Sentinel and a replica that are near.
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ClusterClient.IntegrationTests.Reading;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Sentinel;

[Trait("Suite", "Sentinel")]
public sealed class SentinelDistanceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Who_is_far_away_is_heard_and_listened_to_though_the_near_answer_at_once_and_the_looks_come_to_rest()
    {
        if (await ServerLacks.SentinelAsync()) return;
        await using LocalSentinel topology = await LocalTopology.StartSentinelAsync(1, 2, new() { SentinelDownAfter = TimeSpan.FromSeconds(10) }); // nobody fails over but when asked
        LocalNode master = await topology.GetMasterAsync(), replica = Assert.Single(await topology.GetReplicasAsync());
        (LocalNode near, LocalNode far) = (topology.Sentinels[0], topology.Sentinels[1]);

        // To connect takes longer than anybody is waited for; an answer does not.
        await using DelayingProxy toMaster = new(master) { DelayMilliseconds = 130 }, toSentinel = new(far) { DelayMilliseconds = 130 };
        RedisClientOptions options = RedisClientOptions.Parse($"redis://{near}?serviceName={topology.ServiceName}&clientName=distant&commandTimeout=20s");
        options.EndpointMap = announced => announced.Port == master.Port ? toMaster.Endpoint : announced.Port == far.Port ? toSentinel.Endpoint : announced;
        long begun = Stopwatch.GetTimestamp();
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        Assert.Equal(toMaster.Endpoint, redis.Topology.Masters[0].Endpoint);
        Assert.True(await redis.StringSetAsync("k", "v"));
        await SentinelClients.HearAsync(far);
        TimeSpan heard = Stopwatch.GetElapsedTime(begun);

        // While anything is uncertain the nodes are asked twenty times a second; the Sentinels themselves ask once in ten seconds.
        long asked = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                long before = await QuestionsAsync(replica);
                await Task.Delay(1000);
                return (asked = await QuestionsAsync(replica) - before) <= 4;
            },
            $"the looks come to rest; the last second saw {asked}");
        Figure.Print(output, topology, $"Sentinel: master and one of two Sentinels 130 ms away: listened to the far Sentinel after {heard.TotalMilliseconds:F0} ms; then {asked} questions to the near replica within a second");
        Assert.True(await redis.StringSetAsync("k", "w"));
    }

    private static async Task<long> QuestionsAsync(LocalNode node)
        => long.Parse(Regex.Match((await node.ExecuteAsync("INFO", "commandstats")).Text, "cmdstat_info:calls=([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
}
