// Writes RESP2 and RESP3, every type, into any buffer writer.
using System.Buffers;
using System.Text;

namespace ClusterClient.Protocol;

/// <summary>Writes RESP into an <see cref="IBufferWriter{T}"/>: commands, and every reply type for tools and fake servers.</summary>
public static class RespWriter
{
    // A type byte, the longest number and CRLF.
    private const int LineLength = NumberText.MaxLength + 3;

    /// <summary>Writes a command: an array of bulk strings.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="command">The command and its arguments; a null is written as an empty string, for a request has no nulls.</param>
    public static void WriteCommand(IBufferWriter<byte> writer, params ReadOnlySpan<RedisValue> command)
    {
        WriteArrayHeader(writer, command.Length);
        foreach (RedisValue part in command)
        {
            WriteBulk(writer, RespType.BulkString, part);
        }
    }

    /// <summary>Writes <c>+text</c>.</summary>
    /// <exception cref="ArgumentException">The text has a CR or LF.</exception>
    public static void WriteSimpleString(IBufferWriter<byte> writer, string text) => WriteLine(writer, RespType.SimpleString, text);

    /// <summary>Writes <c>-message</c>.</summary>
    /// <exception cref="ArgumentException">The message has a CR or LF.</exception>
    public static void WriteError(IBufferWriter<byte> writer, string message) => WriteLine(writer, RespType.Error, message);

    /// <summary>Writes <c>(digits</c>.</summary>
    public static void WriteBigNumber(IBufferWriter<byte> writer, System.Numerics.BigInteger value) =>
        WriteLine(writer, RespType.BigNumber, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Writes <c>:value</c>.</summary>
    public static void WriteInteger(IBufferWriter<byte> writer, long value) => WriteNumber(writer, RespType.Integer, new Payload(value));

    /// <summary>Writes <c>,value</c>.</summary>
    public static void WriteDouble(IBufferWriter<byte> writer, double value) => WriteNumber(writer, RespType.Double, new Payload(value));

    /// <summary>Writes <c>#t</c> or <c>#f</c>.</summary>
    public static void WriteBoolean(IBufferWriter<byte> writer, bool value) => WriteRaw(writer, value ? "#t\r\n"u8 : "#f\r\n"u8);

    /// <summary>Writes RESP3's null.</summary>
    public static void WriteNull(IBufferWriter<byte> writer) => WriteRaw(writer, "_\r\n"u8);

    /// <summary>Writes RESP2's null string.</summary>
    public static void WriteNullBulkString(IBufferWriter<byte> writer) => WriteRaw(writer, "$-1\r\n"u8);

    /// <summary>Writes RESP2's null array.</summary>
    public static void WriteNullArray(IBufferWriter<byte> writer) => WriteRaw(writer, "*-1\r\n"u8);

    /// <summary>Writes a bulk string; a null value as RESP2's null string.</summary>
    public static void WriteBulkString(IBufferWriter<byte> writer, RedisValue value)
    {
        if (value.IsNull)
        {
            WriteNullBulkString(writer);
        }
        else
        {
            WriteBulk(writer, RespType.BulkString, value);
        }
    }

    /// <summary>Writes an error with a length before it.</summary>
    public static void WriteBlobError(IBufferWriter<byte> writer, RedisValue message) => WriteBulk(writer, RespType.BlobError, message);

    /// <summary>Writes a verbatim string.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="format">Three ASCII characters, such as <c>txt</c>.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">The format is not three ASCII characters.</exception>
    public static void WriteVerbatimString(IBufferWriter<byte> writer, string format, RedisValue text)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (format.Length != RespLine.FormatLength - 1 || !Ascii.IsValid(format))
        {
            throw new ArgumentException("A verbatim string's format has three ASCII characters.", nameof(format));
        }

        WriteHeader(writer, RespType.VerbatimString, RespLine.FormatLength + text.ByteLength);
        WriteText(writer, format + ":");
        WritePayload(writer, text);
    }

    /// <summary>Announces an array of so many elements, to be written next.</summary>
    public static void WriteArrayHeader(IBufferWriter<byte> writer, int count) => WriteHeader(writer, RespType.Array, count);

    /// <summary>Announces a set of so many elements, to be written next.</summary>
    public static void WriteSetHeader(IBufferWriter<byte> writer, int count) => WriteHeader(writer, RespType.Set, count);

    /// <summary>Announces a map of so many pairs: twice as many elements, to be written next.</summary>
    public static void WriteMapHeader(IBufferWriter<byte> writer, int pairs) => WriteHeader(writer, RespType.Map, pairs);

    /// <summary>Announces so many pairs of attributes, to be written next, then the element that they annotate.</summary>
    public static void WriteAttributeHeader(IBufferWriter<byte> writer, int pairs) => WriteHeader(writer, RespType.Attribute, pairs);

    /// <summary>Announces a push message of so many elements, to be written next.</summary>
    public static void WritePushHeader(IBufferWriter<byte> writer, int count) => WriteHeader(writer, RespType.Push, count);

    /// <summary>Begins an array, set or map of unknown length; <see cref="WriteStreamEnd"/> ends it.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="type"><see cref="RespType.Array"/>, <see cref="RespType.Set"/> or <see cref="RespType.Map"/>.</param>
    public static void WriteStreamHeader(IBufferWriter<byte> writer, RespType type)
    {
        if (type is not (RespType.Array or RespType.Set or RespType.Map))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Only arrays, sets and maps can be streamed.");
        }

        WriteRaw(writer, [(byte)type, (byte)'?', (byte)'\r', (byte)'\n']);
    }

    /// <summary>Ends a streamed array, set or map.</summary>
    public static void WriteStreamEnd(IBufferWriter<byte> writer) => WriteRaw(writer, ".\r\n"u8);

    /// <summary>Begins a string in chunks of unknown number; <see cref="WriteChunkEnd"/> ends it.</summary>
    public static void WriteChunkHeader(IBufferWriter<byte> writer) => WriteRaw(writer, "$?\r\n"u8);

    /// <summary>Writes one chunk of a streamed string; an empty one is left out, for it would end the string.</summary>
    public static void WriteChunk(IBufferWriter<byte> writer, ReadOnlySpan<byte> chunk)
    {
        if (!chunk.IsEmpty)
        {
            WriteHeader(writer, (RespType)';', chunk.Length);
            WriteRaw(writer, chunk);
            WriteRaw(writer, "\r\n"u8);
        }
    }

    /// <summary>Ends a streamed string.</summary>
    public static void WriteChunkEnd(IBufferWriter<byte> writer) => WriteRaw(writer, ";0\r\n"u8);

    private static void WriteBulk(IBufferWriter<byte> writer, RespType type, RedisValue value)
    {
        WriteHeader(writer, type, value.ByteLength);
        WritePayload(writer, value);
    }

    private static void WriteHeader(IBufferWriter<byte> writer, RespType type, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteNumber(writer, type, new Payload((long)count));
    }

    private static void WriteNumber(IBufferWriter<byte> writer, RespType type, Payload number)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> line = writer.GetSpan(LineLength);
        line[0] = (byte)type;
        int end = 1 + number.WriteTo(line[1..]);
        "\r\n"u8.CopyTo(line[end..]);
        writer.Advance(end + 2);
    }

    private static void WritePayload(IBufferWriter<byte> writer, RedisValue value)
    {
        int maximum = value.GetMaxEncodedLength() + 2;
        Span<byte> span = writer.GetSpan(maximum);
        int length = value.WriteTo(span);
        "\r\n"u8.CopyTo(span[length..]);
        writer.Advance(length + 2);
    }

    private static void WriteLine(IBufferWriter<byte> writer, RespType type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("A line of RESP cannot contain CR or LF.", nameof(text));
        }

        WriteRaw(writer, [(byte)type]);
        WriteText(writer, text);
        WriteRaw(writer, "\r\n"u8);
    }

    private static void WriteText(IBufferWriter<byte> writer, string text) => Encoding.UTF8.GetBytes(text, writer);

    private static void WriteRaw(IBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(bytes);
    }
}
