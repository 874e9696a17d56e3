// The promise of the hot path: nothing is allocated per command.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

/// <summary>Measured over the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollection;

[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Callers = 64;
    private const int CommandsOfCaller = 16_000;

    [Fact]
    public async Task Sixty_four_callers_allocate_nothing_per_command_in_steady_state()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await using RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString);
        await redis.StringSetAsync("number", 123456);
        await redis.StringSetAsync("bytes", new byte[32]);
        RedisValue value = new byte[32];

        // Each loop awaits the client directly: an async lambda around every command would allocate its own state machine.
        await AssertFreeAsync("GET to a number", async () =>
        {
            for (int i = 0; i < CommandsOfCaller; i++)
            {
                if (await redis.StringGetAsync<long>("number") != 123456) throw new InvalidOperationException("Wrong value.");
            }
        });
        await AssertFreeAsync("GET to a lease", async () =>
        {
            for (int i = 0; i < CommandsOfCaller; i++)
            {
                using Lease lease = await redis.StringGetLeaseAsync("bytes");
                if (lease.Length != 32) throw new InvalidOperationException("Wrong length.");
            }
        });
        await AssertFreeAsync("SET", async () =>
        {
            for (int i = 0; i < CommandsOfCaller; i++) await redis.StringSetAsync("set", value);
        });
        await AssertFreeAsync("INCR", async () =>
        {
            for (int i = 0; i < CommandsOfCaller; i++) await redis.StringIncrementAsync("counter");
        });
        Assert.True(await redis.StringGetAsync<long>("counter") >= Callers * CommandsOfCaller);
    }

    private static async Task AssertFreeAsync(string what, Func<Task> caller)
    {
        // The first run fills the pools and lets the compiler finish; the best of the next few is the steady state, since a
        // garbage collection or a new thread of the pool allocates too, but not per command.
        await RunAsync(caller);
        double best = double.MaxValue;
        for (int attempt = 0; attempt < 5 && best >= 1; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(caller);
            best = Math.Min(best, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(Callers * CommandsOfCaller));
        }

        Assert.True(best < 1, $"{what} allocates {best:F2} bytes per command.");
    }

    private static Task RunAsync(Func<Task> caller) => Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(caller)));
}
