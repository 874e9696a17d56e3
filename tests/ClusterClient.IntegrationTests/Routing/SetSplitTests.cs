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

    private static string[] Sorted(RedisValue[] members) => [.. members.Select(static member => member.ToString()).Order(StringComparer.Ordinal)];
}
