// The bytes of one hand-made batch, and how to tell that all its replies have come.
using System.Globalization;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <param name="Commands">How many commands a batch has.</param>
/// <param name="Requests">The bytes to send, in as few pieces as memory allows.</param>
/// <param name="ReplyBytes">How many bytes all replies have together; null if that varies, then their lines are counted.</param>
internal sealed record RawBatch(int Commands, IReadOnlyList<ReadOnlyMemory<byte>> Requests, long? ReplyBytes)
{
    // A thousand callers that write 1 MiB each would need 1 GiB: past this size the same piece is sent again.
    private const int MostBytes = 4 << 20;

    public static RawBatch Build(Workload workload, string[] keys, byte[] value, int commands)
    {
        int length = Encode(workload.Operation, keys[0], value).Length;
        int inPiece = Math.Clamp(MostBytes / length, 1, commands);
        using var bytes = new MemoryStream(inPiece * length);
        for (int i = 0; i < inPiece; i++) bytes.Write(Encode(workload.Operation, keys[i % keys.Length], value));

        ReadOnlyMemory<byte> piece = bytes.ToArray();
        var requests = new List<ReadOnlyMemory<byte>>();
        for (int left = commands; left > 0; left -= inPiece) requests.Add(piece[..(Math.Min(left, inPiece) * length)]);

        return new RawBatch(commands, requests, commands * ReplyLength(workload.Operation, value));
    }

    private static byte[] Encode(Operation operation, string key, byte[] value)
    {
        byte[] name = Encoding.ASCII.GetBytes(key);
        return AdminConnection.Encode(operation switch
        {
            Operation.Set => ["SET"u8.ToArray(), name, value],
            Operation.Increment => ["INCR"u8.ToArray(), name],
            _ => ["GET"u8.ToArray(), name],
        });
    }

    private static long? ReplyLength(Operation operation, byte[] value) => operation switch
    {
        Operation.Set => "+OK\r\n".Length,
        Operation.Increment => null,
        _ => string.Create(CultureInfo.InvariantCulture, $"${value.Length}\r\n\r\n").Length + value.Length,
    };
}
