// The floor at a fixed rate: what has fallen due is sent at once, and replies are counted.
namespace ClusterClient.Bench.Load;

/// <param name="connection">One node's connection.</param>
/// <param name="batch">Commands of equal length, sent from its beginning as many as are due.</param>
/// <param name="recorder">Counts and times.</param>
internal sealed class RawOpenLoop(RawConnection connection, RawBatch batch, CallerRecorder recorder)
{
    // More can never be unanswered: a send blocks long before.
    private const int MostOutstanding = 1 << 20;

    private readonly long[] _due = new long[MostOutstanding];
    private readonly int _length = batch.Request.Length / batch.Commands;
    private long _sent;

    /// <summary>How many commands a batch needs for this: more than fall due in one tick at any rate.</summary>
    public const int BatchCommands = 1024;

    /// <summary>Called by the pacer's thread alone.</summary>
    public void Send(int commands, long due)
    {
        for (int i = 0; i < commands; i++) _due[(_sent + i) & (MostOutstanding - 1)] = due;
        _sent += commands;
        for (int left = commands; left > 0; left -= batch.Commands)
            connection.Send(batch.Request.Span[..(Math.Min(left, batch.Commands) * _length)]);
    }

    public async Task ReceiveAsync()
    {
        bool isLines = batch.ReplyBytes is null;
        long each = isLines ? 1 : batch.Awaited / batch.Commands;
        long come = 0;
        long answered = 0;
        while (!recorder.Stopped)
        {
            come += connection.Account(await connection.ReceiveAsync(), isLines, mayBeError: come == answered * each);
            for (; answered < come / each; answered++) recorder.Complete(_due[answered & (MostOutstanding - 1)]);
        }
    }
}
