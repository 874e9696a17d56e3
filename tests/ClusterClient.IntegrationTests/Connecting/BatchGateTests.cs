// What a command in a batch costs: its task must exist before it is sent, so it cannot be free, but it must stay modest.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

[Trait("Suite", "Connecting")]
[Collection(nameof(HotPathGateTests))]
public sealed class BatchGateTests
{
    private const int Commands = 100;

    /// <summary>The object behind the task, with the command in it, and the callback that ends it.</summary>
    private const double MaxBytesPerCommand = 450;

    [Fact]
    public async Task A_command_in_a_batch_costs_one_object_and_its_callback()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        await redis.StringSetAsync("number", 123456);
        ValueTask<long?>[] calls = new ValueTask<long?>[Commands];
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 100; i++) await RunAsync(redis, calls);
            best = Math.Min(best, (GC.GetTotalAllocatedBytes(precise: true) - before) / (100.0 * Commands));
        }

        Assert.True(best <= MaxBytesPerCommand, $"{best:F0} bytes per command of a batch");
    }

    private static async Task RunAsync(RedisClient redis, ValueTask<long?>[] calls)
    {
        RedisBatch batch = redis.CreateBatch();
        for (int i = 0; i < calls.Length; i++) calls[i] = batch.StringGetAsync<long>("number");
        await batch.SendAsync();
        foreach (ValueTask<long?> call in calls)
        {
            if (await call != 123456) throw new InvalidOperationException("Wrong value.");
        }
    }
}
