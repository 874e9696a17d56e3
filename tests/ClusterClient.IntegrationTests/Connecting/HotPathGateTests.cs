// The gate of the hot path: what must not grow, whatever machine it runs on.
using System.Globalization;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

/// <summary>Measured over the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(HotPathGateTests), DisableParallelization = true)]
public sealed class HotPathGateCollection;

[Trait("Suite", "Connecting")]
[Collection(nameof(HotPathGateTests))]
public sealed class HotPathGateTests : IAsyncLifetime
{
    /// <summary>A garbage collection or a new thread of the pool allocates too, but not per command: the steady state is below one byte.</summary>
    private const double MaxBytesPerCommand = 1;

    private LocalStandalone _server = null!;
    private RedisClient _redis = null!;

    public async Task InitializeAsync()
    {
        _server = await LocalTopology.StartStandaloneAsync();
        _redis = await RedisClient.ConnectAsync(_server.ConnectionString);
        await _redis.StringSetAsync("number", 123456);
        await _redis.StringSetAsync("bytes", new byte[32]);
        await _redis.StringSetAsync("page", new byte[4096]);
    }

    public async Task DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(16, 10_000)]
    [InlineData(64, 16_000)]
    [InlineData(256, 3_000)]
    [InlineData(1024, 800)]
    public async Task No_number_of_callers_makes_a_command_allocate(int callers, int commands)
    {
        RedisValue value = new byte[32];

        // Each loop awaits the client directly: an async lambda around every command would allocate its own state machine.
        await AssertFreeAsync("GET to a number", callers, commands, async () =>
        {
            for (int i = 0; i < commands; i++)
            {
                if (await _redis.StringGetAsync<long>("number") != 123456) throw new InvalidOperationException("Wrong value.");
            }
        });
        await AssertFreeAsync("GET to a lease", callers, commands, async () =>
        {
            for (int i = 0; i < commands; i++)
            {
                using Lease lease = await _redis.StringGetLeaseAsync("bytes");
                if (lease.Length != 32) throw new InvalidOperationException("Wrong length.");
            }
        });
        await AssertFreeAsync("SET", callers, commands, async () =>
        {
            for (int i = 0; i < commands; i++) await _redis.StringSetAsync("set", value);
        });
        await AssertFreeAsync("INCR", callers, commands, async () =>
        {
            for (int i = 0; i < commands; i++) await _redis.StringIncrementAsync("counter");
        });
        Assert.True(await _redis.StringGetAsync<long>("counter") >= callers * commands);
    }

    [Fact]
    public async Task Leases_of_a_page_are_free_as_well()
    {
        const int Commands = 2_000;
        await AssertFreeAsync("GET of 4 KiB to a lease", 64, Commands, async () =>
        {
            for (int i = 0; i < Commands; i++)
            {
                using Lease lease = await _redis.StringGetLeaseAsync("page");
                if (lease.Length != 4096) throw new InvalidOperationException("Wrong length.");
            }
        });
    }

    [Fact]
    public async Task Sixty_four_callers_share_their_sends()
    {
        const int Callers = 64;
        const int Commands = 3_000;
        Func<Task> caller = async () =>
        {
            for (int i = 0; i < Commands; i++) await _redis.StringIncrementAsync("shared");
        };
        await RunAsync(Callers, caller);
        if (await ReadsAsync() is null)
        {
            Assert.Equal(ServerKind.Garnet, _server.Server); // Alone in not counting its reads.
            return;
        }

        // The server counts how often it read from a socket: with these callers that is how often the client has sent.
        double best = double.MaxValue;
        for (int attempt = 0; attempt < 3 && best >= 0.2; attempt++)
        {
            long before = (await ReadsAsync()).GetValueOrDefault();
            await RunAsync(Callers, caller);
            best = Math.Min(best, ((await ReadsAsync()).GetValueOrDefault() - before) / (double)(Callers * Commands));
        }

        // 0.02 on an idle machine. One send per command would be 1; a drain that no longer waits for the others comes close to it.
        Assert.True(best < 0.2, $"{best:F3} sends per command at {Callers} callers.");
    }

    internal static async Task AssertFreeAsync(string what, int callers, int commands, Func<Task> caller)
    {
        // The first run fills the pools and lets the compiler finish.
        await RunAsync(callers, caller);
        double best = double.MaxValue;
        for (int attempt = 0; attempt < 5 && best >= MaxBytesPerCommand; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(callers, caller);
            best = Math.Min(best, (GC.GetTotalAllocatedBytes(precise: true) - before - CostOf(callers)) / ((double)callers * commands));
        }

        Assert.True(best < MaxBytesPerCommand, $"{what} with {callers} callers allocates {best:F2} bytes per command.");
    }

    /// <summary>What the callers themselves cost: a task, its closure and its state machine each.</summary>
    private static long CostOf(int callers) => 1000L * callers;

    private static Task RunAsync(int callers, Func<Task> caller) => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(caller)));

    private async Task<long?> ReadsAsync()
        => (await _server.Node.InfoAsync("stats")).TryGetValue("total_reads_processed", out string? reads) ? long.Parse(reads, CultureInfo.InvariantCulture) : null;
}
