// One node's view of its cluster, as CLUSTER NODES gives it.
using System.Globalization;

namespace ClusterClient.Testing.Cluster;

/// <summary>A line of CLUSTER NODES.</summary>
internal sealed record ClusterMember(string Id, int Port, IReadOnlySet<string> Flags, string? MasterId, long ConfigEpoch, string Slots)
{
    public bool HasId(string id) => string.Equals(Id, id, StringComparison.Ordinal);

    public bool Follows(ClusterMember master) => string.Equals(MasterId, master.Id, StringComparison.Ordinal);

    public bool IsMaster => Flags.Contains("master");

    /// <summary>Whether the view's owner believes that it can be reached.</summary>
    public bool IsWell => !Flags.Contains("handshake") && !Flags.Contains("noaddr") && !Flags.Contains("fail") && !Flags.Contains("fail?");

    public IEnumerable<int> SlotNumbers()
    {
        foreach (var range in Slots.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = range.Split('-');
            var first = int.Parse(parts[0], CultureInfo.InvariantCulture);
            var last = int.Parse(parts[^1], CultureInfo.InvariantCulture);
            for (var slot = first; slot <= last; slot++)
                yield return slot;
        }
    }
}

internal sealed class ClusterView
{
    private ClusterView(IReadOnlyList<ClusterMember> members) => Members = members;

    public IReadOnlyList<ClusterMember> Members { get; }

    /// <summary>The node whose view this is.</summary>
    public ClusterMember Myself => Members.First(member => member.Flags.Contains("myself"));

    public ClusterMember? OnPort(int port) => Members.FirstOrDefault(member => member.Port == port);

    public int? MasterPortOf(ClusterMember replica) => Members.FirstOrDefault(replica.Follows)?.Port;

    /// <summary>Who owns which slots and who follows whom: equal texts mean agreement.</summary>
    public string Signature => string.Join('\n', Members.Where(member => !member.Flags.Contains("handshake"))
        .OrderBy(member => member.Id, StringComparer.Ordinal)
        .Select(member => $"{member.Id} {(member.IsMaster ? "master" : member.MasterId)} {member.Slots}"));

    // <id> <ip:port@bus[,hostname]> <flags> <master> <ping> <pong> <epoch> <link> [<slot>|<first>-<last>|[<slot>->-<id>]]…
    public static ClusterView Parse(string text) => new(
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(fields => new ClusterMember(
            fields[0],
            PortOf(fields[1]),
            fields[2].Split(',').ToHashSet(StringComparer.Ordinal),
            fields[3] is "-" ? null : fields[3],
            long.Parse(fields[6], CultureInfo.InvariantCulture),
            string.Join(' ', fields.Skip(8).Where(slots => slots[0] != '['))))]);

    private static int PortOf(string address)
    {
        var end = address.IndexOfAny(['@', ',']);
        var hostAndPort = end < 0 ? address : address[..end];
        return int.Parse(hostAndPort[(hostAndPort.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }
}
