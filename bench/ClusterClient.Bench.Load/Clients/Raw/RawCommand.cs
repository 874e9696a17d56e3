// One command of the floor as bytes, and the length of its reply.
using System.Globalization;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <param name="Request">The bytes to send.</param>
/// <param name="ReplyBytes">How many bytes its reply has; null if that varies, then it is one line.</param>
internal readonly record struct RawCommand(byte[] Request, long? ReplyBytes)
{
    /// <param name="operation">What is sent; for a mix, what this turn sends.</param>
    /// <param name="keys">One key, or those of an MGET.</param>
    /// <param name="value">What is stored there.</param>
    public static RawCommand For(Operation operation, IEnumerable<string> keys, byte[] value)
    {
        byte[][] names = [.. keys.Select(Encoding.ASCII.GetBytes)];
        long bulk = HeaderLength('$', value.Length) + value.Length + 2;
        return operation switch
        {
            Operation.Set => Of(["SET"u8.ToArray(), .. names, value], "+OK\r\n".Length),
            Operation.Increment => Of(["INCR"u8.ToArray(), .. names], null),
            Operation.GetMany or Operation.GetManyOneSlot => Of(["MGET"u8.ToArray(), .. names], HeaderLength('*', names.Length) + (names.Length * bulk)),
            _ => Of(["GET"u8.ToArray(), .. names], bulk),
        };
    }

    private static RawCommand Of(byte[][] arguments, long? replyBytes) => new(AdminConnection.Encode(arguments), replyBytes);

    private static long HeaderLength(char type, int number) => string.Create(CultureInfo.InvariantCulture, $"{type}{number}\r\n").Length;
}
