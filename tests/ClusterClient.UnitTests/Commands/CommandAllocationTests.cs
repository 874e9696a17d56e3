// Commands of the hot path cost no allocation to make, nor to read their replies.
using System.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Commands;

public sealed class CommandAllocationTests
{
    [Fact]
    public void HotCommandsAllocateNothing()
    {
        RedisKey key = "key";
        RedisValue value = "value";
        var number = new SinkExecutor("$6\r\n123456\r\n");
        var integer = new SinkExecutor(":123456\r\n");
        var ok = new SinkExecutor("+OK\r\n");

        AssertFree("GET to a number", () => number.StringGetAsync<long>(key));
        AssertFree("GET to a lease", () =>
        {
            ValueTask<Lease> call = number.StringGetLeaseAsync(key);
            call.Result.Dispose();
        });
        AssertFree("GET of an integer to RedisValue", () => number.StringGetAsync(key));
        AssertFree("SET", () => ok.StringSetAsync(key, value));
        AssertFree("SET with an expiry", () => ok.StringSetAsync(key, value, TimeSpan.FromSeconds(1.5)));
        AssertFree("SET if not exists", () => ok.StringSetAsync(key, value, When.NotExists));
        AssertFree("INCR", () => integer.StringIncrementAsync(key));
        AssertFree("INCRBY", () => integer.StringIncrementAsync(key, 5));
        AssertFree("ExecuteAsync", () => AnyCommandCost(ok));
    }

    // The reply as a tree has its price; finding and making the command has none.
    private static void AnyCommandCost(SinkExecutor redis) => redis.ExecuteAsync(ClusterClient.Commands.AnyCommand.Create("OBJECT", ["ENCODING", "k"]), Replies.Ok);

    // Steady state: unoptimised code boxes a little, so the rounds go on until the JIT has done its work.
    private static void AssertFree(string what, Action call)
    {
        long bytes = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20);)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) call();
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (bytes == 0) return;
        }

        Assert.Fail($"{what}: {bytes / 1000.0} bytes a call");
    }

    private static void AssertFree<T>(string what, Func<ValueTask<T>> call) => AssertFree(what, () => { _ = call().Result; });

    private sealed class SinkExecutor(string reply) : ICommandExecutor
    {
        private readonly byte[] _reply = System.Text.Encoding.ASCII.GetBytes(reply);
        private readonly byte[] _buffer = new byte[1024];

        public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
        {
            CommandEncoder.Write(command, _buffer);
            CommandKeys.TryGetFirstKey(command, out _);
            var reader = new RespReader(_reply);
            reader.Read();
            return ValueTask.FromResult(reply.Parse(ref reader));
        }
    }
}
