// One channel, one publisher that keeps a bounded number of messages under way, and subscribers that take each of them.
using System.Buffers.Binary;

namespace ClusterClient.Bench.Load;

/// <summary>The publisher goes on when every subscriber has a batch, so that no client's queue grows without end and none has to drop.</summary>
internal sealed class FanOut
{
    public const string Channel = "bench:fan-out";

    /// <summary>How many messages are published at once.</summary>
    public const int BatchSize = 100;

    /// <summary>How many batches may be under way.</summary>
    public const int Batches = 8;

    private readonly SemaphoreSlim _room = new(Batches);
    private readonly int[] _missing = new int[Batches];
    private readonly Workload _workload;
    private readonly RunWindow _window;

    public FanOut(Workload workload, byte[] value, RunWindow window)
    {
        _workload = workload;
        _window = window;
        Payload = (byte[])value.Clone();
    }

    /// <summary>What is published: it begins with the time at which its batch was sent.</summary>
    public byte[] Payload { get; }

    public FanOutSubscriber AddSubscriber() => new(this, _window.AddRecorder());

    /// <summary>Publishes until the window is over.</summary>
    public async Task PublishAsync<T, TOperation>(TOperation publish)
        where TOperation : struct, IOperation<T>
    {
#pragma warning disable CA2012 // Each ValueTask of a batch is awaited exactly once, in order.
        var pending = new ValueTask<T>[BatchSize];
        for (int batch = 0; !_window.Stopped; batch = (batch + 1) % Batches)
        {
            if (!await _room.WaitAsync(TimeSpan.FromSeconds(10))) throw new TimeoutException("A message has not arrived within 10 s.");
            Volatile.Write(ref _missing[batch], _workload.Callers);
            BinaryPrimitives.WriteInt64LittleEndian(Payload, RunWindow.Now);
            for (int i = 0; i < pending.Length; i++) pending[i] = publish.Start(0);
            foreach (ValueTask<T> one in pending)
            {
                if (!publish.Finish(await one)) throw new InvalidDataException("A message went to another number of connections than one.");
            }
        }
#pragma warning restore CA2012
    }

    internal void Received(int batch)
    {
        if (Interlocked.Decrement(ref _missing[batch]) == 0) _room.Release();
    }
}

/// <summary>Counts and times what one subscriber receives.</summary>
internal sealed class FanOutSubscriber(FanOut fanOut, CallerRecorder recorder)
{
    private int _inBatch;
    private int _batch;

    public void Received(ReadOnlySpan<byte> payload)
    {
        long start = recorder.Start();
        recorder.Complete(start == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(payload));
        if (++_inBatch < FanOut.BatchSize) return;
        _inBatch = 0;
        fanOut.Received(_batch);
        _batch = (_batch + 1) % FanOut.Batches;
    }
}
