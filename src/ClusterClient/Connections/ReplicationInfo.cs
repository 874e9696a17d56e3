// What a server says of its own replication: whether it may be read from, and how far it has come.
using System.Globalization;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>The lines of <c>INFO replication</c> that reads from replicas rest on.</summary>
/// <param name="IsMaster">Whether it calls itself a master.</param>
/// <param name="IsLinkUp">Whether a replica is in step with its master (<c>master_link_status</c>); true for a master. It is down during a first synchronisation and while loading.</param>
internal readonly record struct ReplicationInfo(bool IsMaster, bool IsLinkUp)
{
    /// <summary>The history its data belongs to (<c>master_replid</c>, the same on a master and its replicas); empty if it does not say.</summary>
    internal string Id { get; init; } = string.Empty;

    /// <summary>The history it continues (<c>master_replid2</c>): all zeros on a server that was never promoted.</summary>
    internal string SecondId { get; init; } = string.Empty;

    /// <summary>Up to here, not included, the history it continues is its own too (<c>second_repl_offset</c>); −1 for none.</summary>
    internal long SecondOffset { get; init; } = -1;

    /// <summary>For a replica, its master as it was told to find it (<c>master_host</c>, <c>master_port</c>); else null.</summary>
    internal NodeEndpoint? Follows { get; init; }

    /// <summary>How many bytes of its history it has executed.</summary>
    internal long Offset { get; init; } = -1;

    /// <summary>
    /// Whether a replica has data at all. One that has never been in step since its process began, and found no place in a history in its own file, has none; servers
    /// tell its offset as 1 then, and a full synchronisation that is under way says so too.
    /// </summary>
    internal bool HasData => Offset is not (0 or 1);

    /// <summary>Whether it continues no other history than its own.</summary>
    internal bool ContinuesNothing => SecondOffset < 0 || SecondId.AsSpan().TrimStart('0').IsEmpty;

    /// <summary>Reads the reply to <c>INFO replication</c>.</summary>
    internal static ReplyParser<ReplicationInfo> Parser { get; } = new InfoReply();

    /// <summary>Whether all that had happened at a point of some history is part of this server's.</summary>
    internal bool Holds(string id, long offset)
        => string.Equals(Id, id, StringComparison.Ordinal) ? Offset >= offset : Continues(id, offset);

    /// <summary>Whether this server's history goes on from another one, and had come that far in it.</summary>
    internal bool Continues(string id, long offset)
        => id.Length > 0 && string.Equals(SecondId, id, StringComparison.Ordinal) && offset < SecondOffset;

    /// <summary>Of hundreds of answers a second hardly one names a history, or a host, that the one before did not: their texts are kept.</summary>
    private sealed class InfoReply : ReplyParser<ReplicationInfo>
    {
        private readonly string[] _known = new string[16];
        private int _next;

        public override ReplicationInfo Parse(ref RespReader reader)
        {
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
                else if (name.SequenceEqual("master_host"u8)) host = Text(value);
                else if (name.SequenceEqual("master_port"u8)) port = Number(value);
                else if (name.SequenceEqual("master_link_status"u8)) isLinkUp = value.SequenceEqual("up"u8);
                else if (name.SequenceEqual("master_replid"u8)) id = Text(value);
                else if (name.SequenceEqual("master_replid2"u8)) secondId = Text(value);
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

        /// <summary>Threads that meet here at worst make a text anew.</summary>
        private string Text(ReadOnlySpan<byte> value)
        {
            foreach (string? known in _known)
            {
                if (known is not null && Ascii.Equals(value, known)) return known;
            }

            string made = Encoding.UTF8.GetString(value);
            Volatile.Write(ref _known[(uint)Interlocked.Increment(ref _next) % (uint)_known.Length], made);
            return made;
        }

        private static long Number(ReadOnlySpan<byte> text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : -1;
    }
}
