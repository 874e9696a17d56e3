// Reads the answers of one connection to INFO replication.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>
/// For one connection, whose answers are read one after the other: of hundreds a second hardly one names a history, or a host, that the one before did not, so
/// the last texts are kept, and a server that is only asked how far it has come costs no memory.
/// </summary>
internal sealed class ReplicationReply : ReplyParser<ReplicationInfo>
{
    private string? _id;
    private string? _secondId;
    private string? _host;

    /// <summary>When the last answer was read off the connection, in the order of its answers, on the clock of <see cref="Stopwatch"/>.</summary>
    internal long ParsedAt { get; private set; }

    public override ReplicationInfo Parse(ref RespReader reader)
    {
        ParsedAt = Stopwatch.GetTimestamp();
        if (reader.IsNull) return new(IsMaster: true, IsLinkUp: true);
        bool isMaster = true, isLinkUp = true;
        string id = string.Empty, secondId = string.Empty, host = string.Empty;
        long offset = -1, applied = -1, secondOffset = -1, port = -1;
        for (ReadOnlySpan<byte> rest = reader.Span; !rest.IsEmpty;)
        {
            int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            int colon = line.IndexOf((byte)':');
            if (colon <= 0) continue;
            ReadOnlySpan<byte> name = line[..colon], value = line[(colon + 1)..];
            if (name.SequenceEqual("role"u8)) isMaster = value.SequenceEqual("master"u8);
            else if (name.SequenceEqual("master_host"u8)) host = Text(value, ref _host);
            else if (name.SequenceEqual("master_port"u8)) port = Number(value);
            else if (name.SequenceEqual("master_link_status"u8)) isLinkUp = value.SequenceEqual("up"u8);
            else if (name.SequenceEqual("master_replid"u8)) id = Text(value, ref _id);
            else if (name.SequenceEqual("master_replid2"u8)) secondId = Text(value, ref _secondId);
            else if (name.SequenceEqual("second_repl_offset"u8)) secondOffset = Number(value);
            else if (name.SequenceEqual("master_repl_offset"u8)) offset = Number(value);
            else if (name.SequenceEqual("slave_repl_offset"u8)) applied = Number(value); // what it has executed, not what it has received
        }

        return new(isMaster, isLinkUp)
        {
            Id = id,
            SecondId = secondId,
            SecondOffset = secondOffset,
            Offset = isMaster ? offset : applied,
            Follows = host.Length > 0 && port is > 0 and <= ushort.MaxValue ? new NodeEndpoint(host, (int)port) : null,
        };
    }

    private static string Text(ReadOnlySpan<byte> value, ref string? last)
        => last is not null && Ascii.Equals(value, last) ? last : last = Encoding.UTF8.GetString(value);

    private static long Number(ReadOnlySpan<byte> text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : -1;
}
