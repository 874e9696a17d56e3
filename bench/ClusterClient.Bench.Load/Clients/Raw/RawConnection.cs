// One bare connection that sends batches and counts replies.
using System.Text;

namespace ClusterClient.Bench.Load;

internal sealed class RawConnection(Stream stream) : IAsyncDisposable
{
    private readonly byte[] _received = new byte[256 << 10];
    private long _sends;
    private long _receives;

    public SocketCalls Calls => new(Volatile.Read(ref _sends), Volatile.Read(ref _receives));

    // One state machine for the whole loop: an async method for each half would allocate at every suspension.
    public async Task RunAsync(RawBatch batch, CallerRecorder recorder)
    {
        while (!recorder.Stopped)
        {
            long start = RunWindow.Now;
            // Large requests go out while replies come in: both sides' socket buffers are smaller than some batches.
            ValueTask sending = batch.Requests.Count == 1 ? stream.WriteAsync(batch.Requests[0]) : SendAllAsync(batch.Requests);
            Interlocked.Add(ref _sends, batch.Requests.Count);
            bool isFirst = true;
            for (long left = batch.ReplyBytes ?? batch.Commands; left > 0;)
            {
                int count = await stream.ReadAsync(_received);
                Interlocked.Increment(ref _receives);
                left -= Account(batch, _received.AsSpan(0, count), left, isFirst);
                isFirst = false;
            }

            await sending;
            recorder.CompleteBatch(start, batch.Commands);
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async ValueTask SendAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> requests)
    {
        foreach (ReadOnlyMemory<byte> request in requests) await stream.WriteAsync(request);
    }

    /// <summary>How much of what is awaited has come: bytes, or lines where replies differ in length.</summary>
    private static long Account(RawBatch batch, ReadOnlySpan<byte> received, long left, bool isFirst)
    {
        if (received.IsEmpty) throw new IOException("The server closed the connection.");
        if (isFirst && received[0] == '-') throw new InvalidDataException(Encoding.ASCII.GetString(received).Trim());
        long come = batch.ReplyBytes is null ? received.Count((byte)'\n') : received.Length;
        return come <= left ? come : throw new InvalidDataException("More replies came than commands were sent.");
    }
}
