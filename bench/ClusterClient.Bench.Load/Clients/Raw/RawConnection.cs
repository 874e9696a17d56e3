// One bare connection that sends batches and counts replies.
using System.Text;

namespace ClusterClient.Bench.Load;

internal sealed class RawConnection(Stream stream) : IAsyncDisposable
{
    private readonly byte[] _received = new byte[256 << 10];

    /// <summary>
    /// Sends each connection its batch, awaits all replies, and begins again. One state machine for the whole loop: an async method for
    /// each half would allocate at every suspension.
    /// </summary>
    /// <param name="pairs">The connections that go in step, each with its batch.</param>
    /// <param name="commands">How many commands one turn counts for.</param>
    /// <param name="recorder">Counts and times.</param>
    public static async Task RunAsync(IReadOnlyList<(RawConnection Connection, RawBatch Batch)> pairs, int commands, CallerRecorder recorder)
    {
        var sending = new ValueTask[pairs.Count];
        while (!recorder.Stopped)
        {
            long start = RunWindow.Now;
            // Large requests go out while replies come in: both sides' socket buffers are smaller than some batches.
            for (int i = 0; i < sending.Length; i++) sending[i] = pairs[i].Connection.SendAsync(pairs[i].Batch.Request);
            for (int i = 0; i < sending.Length; i++)
            {
                (RawConnection connection, RawBatch batch) = pairs[i];
                for (long left = batch.Awaited; left > 0;)
                {
                    int count = await connection.ReceiveAsync();
                    long come = connection.Account(count, isLines: batch.ReplyBytes is null, mayBeError: left == batch.Awaited);
                    left = come <= left ? left - come : throw new InvalidDataException("More replies came than commands were sent.");
                }

                await sending[i];
            }

            recorder.CompleteBatch(start, commands);
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    /// <summary>For a thread of one's own.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    public ValueTask<int> ReceiveAsync() => stream.ReadAsync(_received);

    /// <summary>How much of what is awaited has come with the last receive: bytes, or lines where replies differ in length.</summary>
    public long Account(int received, bool isLines, bool mayBeError)
    {
        Span<byte> bytes = _received.AsSpan(0, received);
        if (bytes.IsEmpty) throw new IOException("The server closed the connection.");
        if (mayBeError && bytes[0] == '-') throw new InvalidDataException(Encoding.ASCII.GetString(bytes).Split('\r')[0]);
        return isLines ? bytes.Count((byte)'\n') : bytes.Length;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
