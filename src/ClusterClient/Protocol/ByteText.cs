// Bytes made readable for error messages: quoted and escaped as redis-cli prints them.
using System.Globalization;
using System.Text;

namespace ClusterClient.Protocol;

internal static class ByteText
{
    private const int ExcerptLength = 32;

    // Enough of a frame to recognise it by, not enough to fill a log.
    internal static string Excerpt(ReadOnlySpan<byte> bytes) => Quote(bytes, ExcerptLength);

    internal static string Quote(ReadOnlySpan<byte> bytes, int maximum)
    {
        var text = new StringBuilder("\"");
        foreach (byte b in bytes[..Math.Min(maximum, bytes.Length)])
        {
            _ = b switch
            {
                (byte)'\r' => text.Append("\\r"),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'"' => text.Append("\\\""),
                (byte)'\\' => text.Append("\\\\"),
                >= 0x20 and < 0x7F => text.Append((char)b),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}"),
            };
        }

        return text.Append('"').Append(bytes.Length > maximum ? "…" : string.Empty).ToString();
    }
}
