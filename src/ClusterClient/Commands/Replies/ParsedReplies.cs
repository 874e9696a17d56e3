// Replies parsed straight from the bytes on the wire into a type of the caller's choice.
using System.Globalization;
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal sealed class ParsedReply<T> : ReplyParser<T?>
    where T : struct, IUtf8SpanParsable<T>
{
    internal static readonly ParsedReply<T> Instance = new();

    public override T? Parse(ref RespReader reader)
    {
        if (reader.IsNull) return null;
        return T.TryParse(Unexpected.Scalar(reader), CultureInfo.InvariantCulture, out T value) ? value : throw Unexpected.Text<T>(reader);
    }
}

internal sealed class ParsedObjectReply<T> : ReplyParser<T?>
    where T : class, IUtf8SpanParsable<T>
{
    internal static readonly ParsedObjectReply<T> Instance = new();

    public override T? Parse(ref RespReader reader)
    {
        if (reader.IsNull) return null;
        return T.TryParse(Unexpected.Scalar(reader), CultureInfo.InvariantCulture, out T? value) ? value : throw Unexpected.Text<T>(reader);
    }
}
