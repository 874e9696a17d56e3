// Calls answered together: none waits for another's user code, and each goes on where its awaiter asked.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class CompletionTests
{
    private const int Callers = 50;

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    [InlineData(Callers - 1)]
    public async Task A_caller_that_blocks_holds_up_nobody(int slow)
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        using ManualResetEventSlim release = new();
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(i => CallTwiceAsync(redis, i == slow ? release : null))];
        await Until.HoldsAsync(() => transport.SentBytes == Callers * Ping.Length);
        transport.Deliver(Replies(Callers));

        // All others have gone on and sent their next command, and hear of its reply.
        await Until.HoldsAsync(() => transport.SentBytes == ((2 * Callers) - 1) * Ping.Length);
        transport.Deliver(Replies(Callers - 1));
        await Until.EndsAsync(Task.WhenAll(callers.Where((_, i) => i != slow)));
        Assert.False(callers[slow].IsCompleted);
        release.Set();
        await Until.HoldsAsync(() => transport.SentBytes == 2 * Callers * Ping.Length);
        transport.Deliver(Replies(1));
        await Until.EndsAsync(callers[slow]);
        await redis.CloseAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Callers)]
    public async Task Callers_that_wait_for_their_next_call_without_await_are_served(int callers)
    {
        // Sync over async is the application's mistake; a deadlock would be ours.
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        Task[] blocking = [.. Enumerable.Range(0, callers).Select(_ => CallAndBlockAsync(redis))];
        int answered = 0;
        while (answered < 2 * callers)
        {
            await Until.HoldsAsync(() => transport.SentBytes / Ping.Length > answered || blocking.All(static task => task.IsCompleted));
            int asked = (int)(transport.SentBytes / Ping.Length);
            transport.Deliver(Replies(asked - answered));
            answered = asked;
        }

        await Until.EndsAsync(Task.WhenAll(blocking));
        await redis.CloseAsync();
    }

    [Fact]
    public async Task A_burst_larger_than_a_batch_is_served_whole()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        for (int round = 0; round < 5; round++)
        {
            long before = transport.SentBytes;
            Task<TimeSpan>[] calls = [.. Enumerable.Range(0, 900).Select(_ => redis.PingAsync().AsTask())];
            await Until.HoldsAsync(() => transport.SentBytes - before == 900 * Ping.Length);
            transport.Deliver(Replies(900));
            await Until.EndsAsync(Task.WhenAll(calls));
        }

        await redis.CloseAsync();
    }

    [Fact]
    public async Task An_awaiter_is_called_back_on_its_own_context()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        CountingContext context = new();
        Task[] callers = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            async () =>
            {
                SynchronizationContext.SetSynchronizationContext(context);
                await redis.PingAsync();
                Assert.Same(context, SynchronizationContext.Current);
                SynchronizationContext.SetSynchronizationContext(null);
            },
            CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default).Unwrap())];
        await Until.HoldsAsync(() => transport.SentBytes == 3 * Ping.Length);
        transport.Deliver(Replies(3));
        await Until.EndsAsync(Task.WhenAll(callers));
        Assert.Equal(3, context.Posted);
        await redis.CloseAsync();
    }

    [Fact]
    public async Task An_awaiter_is_called_back_by_its_own_scheduler()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        TaskScheduler own = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        Task<bool>[] callers = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            async () =>
            {
                await redis.PingAsync();
                return TaskScheduler.Current == own;
            },
            CancellationToken.None, TaskCreationOptions.None, own).Unwrap())];
        await Until.HoldsAsync(() => transport.SentBytes == 3 * Ping.Length);
        transport.Deliver(Replies(3));
        Assert.All(await Until.EndsAsync(Task.WhenAll(callers)), Assert.True);
        await redis.CloseAsync();
    }

    [Fact]
    public async Task What_flows_with_a_caller_stays_with_it()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        AsyncLocal<int> name = new();
        Task<(int, int)>[] callers = [.. Enumerable.Range(1, Callers).Select(async i =>
        {
            name.Value = i;
            await redis.PingAsync();
            int awaited = name.Value;

            // A bare callback, as AsTask and other awaiters register it.
            TaskCompletionSource<int> called = new();
            System.Runtime.CompilerServices.ValueTaskAwaiter<TimeSpan> awaiter = redis.PingAsync().GetAwaiter();
            awaiter.OnCompleted(() =>
            {
                awaiter.GetResult();
                called.SetResult(name.Value);
            });
            return (awaited, await called.Task);
        })];
        await Until.HoldsAsync(() => transport.SentBytes == Callers * Ping.Length);
        transport.Deliver(Replies(Callers));
        await Until.HoldsAsync(() => transport.SentBytes == 2 * Callers * Ping.Length);
        transport.Deliver(Replies(Callers));
        Assert.Equal(Enumerable.Range(1, Callers).Select(static i => (i, i)), await Until.EndsAsync(Task.WhenAll(callers)));
        await redis.CloseAsync();
    }

    private static ReadOnlySpan<byte> Ping => "*1\r\n$4\r\nPING\r\n"u8;

    private static ReadOnlyMemory<byte> Replies(int count) => Enumerable.Repeat("+PONG\r\n"u8.ToArray(), count).SelectMany(static reply => reply).ToArray();

    private static async Task CallTwiceAsync(ScriptedConnection redis, ManualResetEventSlim? block)
    {
        await redis.PingAsync();
#pragma warning disable VSTHRD103 // A caller that blocks its thread is what this is about.
        block?.Wait();
#pragma warning restore VSTHRD103
        await redis.PingAsync();
    }

    private static async Task CallAndBlockAsync(ScriptedConnection redis)
    {
        await redis.PingAsync();
#pragma warning disable VSTHRD002, VSTHRD103 // So is one that waits for a task.
        redis.PingAsync().AsTask().Wait(Until.Limit);
#pragma warning restore VSTHRD002, VSTHRD103
    }

    private sealed class CountingContext : SynchronizationContext
    {
        private int _posted;

        public int Posted => Volatile.Read(ref _posted);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posted);
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    SetSynchronizationContext(this);
                    d(state);
                    SetSynchronizationContext(null);
                },
                null);
        }
    }
}
