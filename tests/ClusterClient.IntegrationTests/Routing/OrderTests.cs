// Commands that one caller issues to one slot without awaiting between them reach the server in that order.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class OrderTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private const int Callers = 8;

    [Theory]
    [InlineData("")]
    [InlineData("?maxInFlightCommands=16")] // most of them wait in line
    [InlineData("?protocol=resp2")]
    public async Task What_one_caller_issues_to_one_slot_arrives_in_order_while_others_do_the_same(string options)
    {
        const int Commands = 2000;
        await using RedisClient redis = await RedisClient.ConnectAsync($"{fixture.Cluster.ConnectionString}{options}");
        IRedisView view = redis.WithTimeout(TimeSpan.FromSeconds(30));
        string run = Guid.NewGuid().ToString("N");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => AppendAsync(view, $"{{{run}:{caller % 3}}}:{caller}", Commands))));
        for (int caller = 0; caller < Callers; caller++)
        {
            string? text = await redis.StringGetAsync($"{{{run}:{caller % 3}}}:{caller}");
            Assert.Equal(string.Concat(Enumerable.Range(0, Commands).Select(static i => $"{i},")), text);
        }
    }

    [Fact]
    public async Task Two_keys_of_one_slot_keep_the_order_of_their_caller()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync(fixture.Cluster.ConnectionString);
        string tag = $"{{{Guid.NewGuid():N}}}";
        (RedisKey source, RedisKey copy) = ($"{tag}:source", $"{tag}:copy");
        Task[] calls = new Task[1000];
        for (int i = 0; i < calls.Length; i += 2)
        {
            // Each COPY must find what the SET before it wrote, and nothing later.
            calls[i] = redis.StringSetAsync(source, i).AsTask();
            calls[i + 1] = redis.ExecuteAsync("EVAL", "local v = redis.call('GET', KEYS[1]); redis.call('APPEND', KEYS[2], v .. ','); return v", 2, source, copy).AsTask();
        }

        await Task.WhenAll(calls);
        Assert.Equal(string.Concat(Enumerable.Range(0, calls.Length / 2).Select(static i => $"{2 * i},")), (string?)await redis.StringGetAsync(copy));
    }

    /// <summary>Across a change of owner the order is not promised, but nothing is lost and nothing runs twice.</summary>
    [Fact]
    public async Task When_the_slot_moves_under_way_everything_arrives_once()
    {
        const int Commands = 4000;
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(masters: 2, replicasPerMaster: 0);
        await using RedisClient redis = await RedisClient.ConnectAsync($"{cluster.ConnectionString}?commandTimeout=30s&maxInFlightCommands=64");
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        int slot = HashSlot.Of("{moving}");
        LocalNode from = await cluster.GetSlotOwnerAsync(slot);
        Task append = AppendAsync(redis, "{moving}", Commands);
        await cluster.MoveSlotsAsync([slot], from, masters.First(node => node != from), SlotMoveMode.Bulk);
        await append;
        int[] arrived = [.. ((string?)await redis.StringGetAsync("{moving}") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Order()];

        // Garnet's migration drops what is written to a key while it moves; nothing runs twice there either.
        if (cluster.Server == ServerKind.Garnet) Assert.Equal(arrived.Distinct(), arrived);
        else Assert.Equal(Enumerable.Range(0, Commands), arrived);
    }

    private static async Task AppendAsync(IRedisView redis, RedisKey key, int commands)
    {
        Task<long>[] calls = new Task<long>[commands];
        for (int i = 0; i < calls.Length; i++) calls[i] = redis.StringAppendAsync(key, $"{i},").AsTask();
        await Task.WhenAll(calls);
    }
}
