// Commands that fall due at a fixed rate, whether or not earlier ones have been answered.
using System.Threading.Tasks.Sources;

namespace ClusterClient.Bench.Load;

/// <summary>
/// A closed loop sends less while the client stalls and so hides the stall (coordinated omission). Here each command is timed from
/// the moment it fell due. Nothing is allocated per command, so that the figure for bytes is the client's own.
/// </summary>
internal sealed class OpenLoop<T, TOperation>(TOperation operation, int keys, RunWindow window)
    where TOperation : struct, IOperation<T>
{
    // A client that cannot hold the rate is not buried alive; what waits still counts from when it fell due.
    private const int MostOutstanding = 16 * 1024;

    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _room = new(MostOutstanding);
    private readonly Stack<Call> _idle = new();
    private int _key;

    public async Task RunAsync(int rate)
    {
        Task pacing = Pacer.RunAsync(rate, window, StartDue);
        await await Task.WhenAny(pacing, _failed.Task);
        for (int i = 0; i < MostOutstanding; i++) await _room.WaitAsync();
    }

    private void StartDue(long first, int count, long due)
    {
        for (int i = 0; i < count && !window.Stopped; i++)
        {
            _room.Wait();
            Rent().Begin(_key, due);
            if (++_key == keys) _key = 0;
        }
    }

    private Call Rent()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out Call? call)) return call;
        }

        var created = new Call();
        // Its failures are taken inside; a call that is idle at the end is left to the collector.
        _ = RunAsync(created, window.AddRecorder());
        return created;
    }

    private async Task RunAsync(Call call, CallerRecorder recorder)
    {
        while (true)
        {
            (int key, long due) = await call.NextAsync();
            try
            {
                if (!operation.Finish(await operation.Start(key))) throw ClosedLoops.WrongReply(key);
                recorder.Complete(due);
            }
            catch (Exception failure)
            {
                _failed.TrySetException(failure);
            }

            lock (_idle)
            {
                _idle.Push(call);
            }

            _room.Release();
        }
    }

    /// <summary>One command at a time, begun on the pacer's thread by going on there.</summary>
    private sealed class Call : IValueTaskSource<(int Key, long Due)>
    {
        private ManualResetValueTaskSourceCore<(int Key, long Due)> _turn;

        public void Begin(int key, long due) => _turn.SetResult((key, due));

        public ValueTask<(int Key, long Due)> NextAsync() => new(this, _turn.Version);

        public (int Key, long Due) GetResult(short token)
        {
            (int, long) turn = _turn.GetResult(token);
            _turn.Reset();
            return turn;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _turn.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _turn.OnCompleted(continuation, state, token, flags);
    }
}
