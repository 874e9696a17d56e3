// What a server says of its own replication, as far as reading from it is concerned.
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>The lines of <c>INFO replication</c> that tell whether a server may be read from.</summary>
/// <param name="IsMaster">Whether it calls itself a master.</param>
/// <param name="IsLinkUp">Whether a replica is in step with its master (<c>master_link_status</c>); true for a master. It is down during a first synchronisation and while loading.</param>
internal readonly record struct ReplicationInfo(bool IsMaster, bool IsLinkUp)
{
    /// <summary>Reads the reply to <c>INFO replication</c>.</summary>
    internal static ReplyParser<ReplicationInfo> Parser { get; } = new InfoReply();

    private sealed class InfoReply : ReplyParser<ReplicationInfo>
    {
        public override ReplicationInfo Parse(ref RespReader reader)
        {
            bool isMaster = true, isLinkUp = true;
            foreach (ReadOnlySpan<char> line in (reader.ReadString() ?? string.Empty).AsSpan().EnumerateLines())
            {
                if (line.StartsWith("role:", StringComparison.Ordinal)) isMaster = line.EndsWith(":master", StringComparison.Ordinal);
                else if (line.StartsWith("master_link_status:", StringComparison.Ordinal)) isLinkUp = line.EndsWith(":up", StringComparison.Ordinal);
            }

            return new(isMaster, isLinkUp);
        }
    }
}
