// Sets in many slots, combined: as one server would have done it.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class SetSplitTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    [Fact]
    public async Task Sets_in_many_slots_combine_as_those_in_one_do()
    {
        LocalCluster cluster = fixture.Cluster;
        await using RedisClient redis = await RedisClient.ConnectAsync(cluster.ConnectionString);
        Random random = new(4711);
        for (int round = 0; round < 10; round++)
        {
            // The same sets twice: with a tag in one slot, where the server combines them, and without.
            int count = random.Next(2, 9);
            RedisKey[] apart = [.. Enumerable.Range(0, count).Select(i => (RedisKey)$"set:{round}:{i}")];
            RedisKey[] together = [.. Enumerable.Range(0, count).Select(i => (RedisKey)$"{{sets:{round}}}:{i}")];
            RedisBatch batch = redis.CreateBatch();
            List<Task> adds = [];
            for (int i = 0; i < count; i++)
            {
                RedisValue[] members = [.. Enumerable.Range(0, random.Next(0, 60)).Select(_ => (RedisValue)$"member:{random.Next(40)}"), "everywhere"];
                adds.Add(batch.ExecuteAsync("SADD", [apart[i], .. members]).AsTask());
                adds.Add(batch.ExecuteAsync("SADD", [together[i], .. members]).AsTask());
            }

            await batch.SendAsync();
            await Task.WhenAll(adds);
            foreach (SetOperation operation in Enum.GetValues<SetOperation>())
            {
                string[] expected = Sorted(await redis.SetCombineAsync(operation, together));
                Assert.Equal(expected, Sorted(await redis.SetCombineAsync(operation, apart)));
            }

            foreach (long limit in new long[] { 0, 1, 3 }) Assert.Equal(await redis.SetIntersectionLengthAsync(together, limit), await redis.SetIntersectionLengthAsync(apart, limit));
        }

        await redis.StringSetAsync("set:no", "text");
        PartialFailureException wrong = await Assert.ThrowsAsync<PartialFailureException>(async () => await redis.SetCombineAsync(SetOperation.Union, ["set:0:0", "set:no"]));
        Assert.Equal("WRONGTYPE", Assert.IsType<RedisServerException>(Assert.Single(wrong.Failures).Error).Code);
    }

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Sorted_sets_in_many_slots_are_subtracted_and_counted_as_those_in_one_are(string protocol)
    {
        await using RedisClient redis = await RedisClient.ConnectAsync($"{fixture.Cluster.ConnectionString}?protocol={protocol}");
        Random random = new(815);
        for (int round = 0; round < 10; round++)
        {
            int count = random.Next(2, 7);
            RedisValue[] apart = [.. Enumerable.Range(0, count).Select(i => (RedisValue)$"zset:{protocol}:{round}:{i}")];
            RedisValue[] together = [.. Enumerable.Range(0, count).Select(i => (RedisValue)$"{{zsets:{protocol}:{round}}}:{i}")];
            for (int i = 0; i < count; i++)
            {
                RedisValue[] members = [.. Enumerable.Range(0, random.Next(0, 40)).SelectMany(_ => new RedisValue[] { random.NextDouble() * 5, $"member:{random.Next(30)}" }), 1, "everywhere", i + 0.1, $"only:{i}"];
                await redis.ExecuteAsync("ZADD", [apart[i], .. members]);
                await redis.ExecuteAsync("ZADD", [together[i], .. members]);
            }

            foreach (RedisValue[] behind in new RedisValue[][] { [], ["WITHSCORES"] })
            {
                RespValue expected = await redis.ExecuteAsync("ZDIFF", [count, .. together, .. behind]);
                Assert.NotEqual(0, expected.Count);
                Assert.Equal(expected.ToString(), (await redis.ExecuteAsync("ZDIFF", [count, .. apart, .. behind])).ToString());
                Assert.Equal(Flat(expected), Flat(await redis.ExecuteAsync("ZDIFF", [count, .. apart, .. behind])));
            }

            foreach (RedisValue[] behind in new RedisValue[][] { [], ["LIMIT", 1], ["LIMIT", 0] })
                Assert.Equal((await redis.ExecuteAsync("ZINTERCARD", [count, .. together, .. behind])).AsInt64(), (await redis.ExecuteAsync("ZINTERCARD", [count, .. apart, .. behind])).AsInt64());
        }

        await redis.StringSetAsync("zset:no", "text");
        PartialFailureException wrong = await Assert.ThrowsAsync<PartialFailureException>(async () => await redis.ExecuteAsync("ZDIFF", 2, $"zset:{protocol}:0:0", "zset:no"));
        KeyFailure failure = Assert.Single(wrong.Failures);
        Assert.Equal(("zset:no", "WRONGTYPE"), ((string?)failure.Key, Assert.IsType<RedisServerException>(failure.Error).Code));
        await Assert.ThrowsAsync<CrossSlotException>(async () => await redis.ExecuteAsync("ZUNION", [2, $"zset:{protocol}:0:0", $"zset:{protocol}:0:1"])); // scores are added: in which order decides
    }

    private static List<string?> Flat(RespValue value) => value.IsAggregate ? [.. value.Items.ToArray().SelectMany(Flat)] : [value.AsRedisValue().ToString()];

    private static string[] Sorted(RedisValue[] members) => [.. members.Select(static member => member.ToString()).Order(StringComparer.Ordinal)];
}
