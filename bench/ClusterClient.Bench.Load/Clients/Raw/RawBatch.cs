// The bytes of one hand-made batch, and how to tell that all its replies have come.
namespace ClusterClient.Bench.Load;

/// <param name="Commands">How many commands a batch has.</param>
/// <param name="Request">The bytes to send, all at once.</param>
/// <param name="ReplyBytes">How many bytes all replies have together; null if that varies, then their lines are counted.</param>
internal sealed record RawBatch(int Commands, ReadOnlyMemory<byte> Request, long? ReplyBytes)
{
    /// <summary>A thousand callers that write 1 MiB each would need 1 GiB.</summary>
    public const long MostBytes = 256 << 20;

    /// <summary>What is awaited after the batch is sent: bytes, or lines.</summary>
    public long Awaited => ReplyBytes ?? Commands;

    public static RawBatch Of(IEnumerable<RawCommand> commands)
    {
        using var bytes = new MemoryStream();
        int count = 0;
        long? replyBytes = 0;
        foreach (RawCommand command in commands)
        {
            bytes.Write(command.Request);
            replyBytes += command.ReplyBytes;
            count++;
        }

        return new RawBatch(count, bytes.ToArray(), replyBytes);
    }
}
