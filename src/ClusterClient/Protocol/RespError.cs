// The exceptions for malformed input, thrown out of line so that the readers' hot paths stay small.
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient.Protocol;

internal static class RespError
{
    internal const string MisplacedEnd = "the end of a streamed aggregate where none can end";
    internal const string NoChunk = "a streamed string has to go on with ';'";

    /// <summary>The words of a frame that is an error.</summary>
    internal static ReadOnlySpan<byte> TextOf(ReadOnlySpan<byte> frame)
    {
        RespReader reader = new(frame);
        reader.Read();
        return reader.Span;
    }

    [DoesNotReturn]
    internal static void Throw(ReadOnlySpan<byte> bytes, int position, string problem) =>
        throw new RedisProtocolException(
            $"Malformed reply: {problem}, at byte {position} of the frame: {ByteText.Excerpt(bytes[Math.Min(position, bytes.Length)..])}.");

    [DoesNotReturn]
    internal static void ThrowTruncated(ReadOnlySpan<byte> bytes, int position) =>
        Throw(bytes, position, "the frame ends inside an element");

    // Shows no bytes: what is too long is most likely a sound value, and the message reaches others who share the connection.
    [DoesNotReturn]
    internal static void ThrowOverLimit(ReadOnlySpan<byte> bytes, int position, string what, long limit, string option) =>
        throw new RedisProtocolException(
            $"A reply has {what}, over the limit of {limit} ({nameof(RespLimits)}.{option}{(string.Equals(option, nameof(RespLimits.MaxBulkLength), StringComparison.Ordinal) ? ", which a client takes from maxReplyLength" : string.Empty)}), at byte {position} of the frame.");

    [DoesNotReturn]
    internal static void ThrowUnknownType(ReadOnlySpan<byte> bytes, int position)
    {
        ReadOnlySpan<byte> rest = bytes[position..];
        string hint = position != 0 ? string.Empty
            : rest.StartsWith("HTTP/"u8) || rest.StartsWith("<"u8) ? "; the peer speaks HTTP, it is not a Redis"
            : rest[0] is 0x15 or 0x16 && (rest.Length < 2 || rest[1] == 3) ? "; the peer speaks TLS: use rediss:// or its plain port"
            : rest.StartsWith("SSH-"u8) ? "; the peer speaks SSH, it is not a Redis"
            : "; is the peer a Redis?";
        Throw(bytes, position, $"0x{rest[0]:x2} starts no RESP type{hint}");
    }
}
