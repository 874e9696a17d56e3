// What one fake node believes of its cluster, and how it says so.
using System.Collections.Immutable;
using System.Text;
using ClusterClient.Topology.Cluster;
using ClusterClient.Topology.Replies;

namespace ClusterClient.UnitTests.Topology.Support;

/// <summary>A member in a picture.</summary>
internal sealed record Member(string Name, int Port, long Epoch, params SlotRange[] Slots)
{
    /// <summary>40 characters, as the servers' ids.</summary>
    public string Id { get; init; } = IdOf(Name);

    public string Host { get; init; } = "127.0.0.1";

    public string? MasterName { get; init; }

    public string Flags { get; init; } = string.Empty;

    public NodeEndpoint Endpoint => new(Host, Port);

    public static string IdOf(string name) => name.PadRight(40, '.');
}

/// <summary>What one node believes; <paramref name="Myself"/> is its name.</summary>
internal sealed record Picture(string Myself, params Member[] Members)
{
    public NodeEndpoint Source => Members.First(member => member.Name == Myself).Endpoint;

    public Picture Replace(Member member) => this with { Members = [.. Members.Select(old => old.Name == member.Name ? member : old)] };

    public Picture SeenBy(string name) => this with { Myself = name };

    public ClusterView View(long askedAt = 1) => new(Source, askedAt, Reply.Parse(ClusterSlotsParser.Instance, SlotsReply()), ClusterNodesParser.Parse(NodesText()));

    public string SlotsReply()
    {
        var entries = Members.Where(member => member.MasterName is null).SelectMany(master => master.Slots.Select(slots => (slots, master))).OrderBy(entry => entry.slots.First).ToArray();
        var text = new StringBuilder($"*{entries.Length}\r\n");
        foreach ((SlotRange slots, Member master) in entries)
        {
            Member[] replicas = [.. Members.Where(member => member.MasterName == master.Name && !member.Flags.Contains("fail", StringComparison.Ordinal))];
            text.Append($"*{3 + replicas.Length}\r\n:{slots.First}\r\n:{slots.Last}\r\n");
            foreach (Member node in replicas.Prepend(master)) text.Append($"*4\r\n{Reply.Bulk(node.Host)}:{node.Port}\r\n{Reply.Bulk(node.Id)}*0\r\n");
        }

        return text.ToString();
    }

    public string NodesText() => string.Concat(Members.Select(member => string.Join(
        ' ',
        member.Id,
        $"{member.Host}:{member.Port}@{member.Port + 10000}",
        (member.Name == Myself ? "myself," : string.Empty) + (member.MasterName is null ? "master" : "slave") + (member.Flags.Length > 0 ? "," + member.Flags : string.Empty),
        member.MasterName is null ? "-" : Member.IdOf(member.MasterName),
        "0 0",
        member.Epoch,
        "connected",
        string.Join(' ', member.MasterName is null ? member.Slots : [])) + "\n"));

    /// <summary>Three masters a, b, c on 7000 to 7002 with epochs 1 to 3, replicas d, e, f of them on 7003 to 7005; as a sees it.</summary>
    public static Picture OfSix { get; } = new(
        "a",
        new("a", 7000, 1, new SlotRange(0, 5460)),
        new("b", 7001, 2, new SlotRange(5461, 10922)),
        new("c", 7002, 3, new SlotRange(10923, 16383)),
        new("d", 7003, 1) { MasterName = "a" },
        new("e", 7004, 2) { MasterName = "b" },
        new("f", 7005, 3) { MasterName = "c" });

    public static NodeEndpoint At(int port) => new("127.0.0.1", port);

    public Member this[string name] => Members.First(member => member.Name == name);

    public override string ToString() => $"as {Myself} sees it:\n{NodesText()}";
}
