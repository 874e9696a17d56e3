// How the nodes of a fake cluster tell what they believe: CLUSTER SLOTS, NODES and SHARDS.
using System.Buffers;
using System.Globalization;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

internal static class FakeClusterReplies
{
    public static FakeAnswer Slots(FakeCluster cluster, FakeView view) => FakeAnswer.Written(writer =>
    {
        IReadOnlyList<(SlotRange Slots, FakeNode Owner)> ranges = view.Ranges();
        ILookup<string?, FakeNode> replicas = cluster.Nodes.ToLookup(static node => node.MasterId);
        RespWriter.WriteArrayHeader(writer, ranges.Count);
        foreach ((SlotRange slots, FakeNode owner) in ranges)
        {
            FakeNode[] members = [owner, .. replicas[owner.Id]];
            RespWriter.WriteArrayHeader(writer, 2 + members.Length);
            RespWriter.WriteInteger(writer, slots.First);
            RespWriter.WriteInteger(writer, slots.Last);
            foreach (FakeNode node in members)
            {
                RespWriter.WriteArrayHeader(writer, 4);
                RespWriter.WriteBulkString(writer, node.AnnouncedHost);
                RespWriter.WriteInteger(writer, node.AnnouncedPort);
                RespWriter.WriteBulkString(writer, node.Id);
                RespWriter.WriteArrayHeader(writer, 0);
            }
        }
    });

    public static FakeAnswer Nodes(FakeCluster cluster, FakeView view, FakeNode myself)
    {
        ILookup<FakeNode, string> slots = view.Ranges().ToLookup(static range => range.Owner, static range => range.Slots.ToString());
        StringBuilder text = new();
        foreach (FakeNode node in cluster.Nodes)
        {
            string role = (node.MasterId is null ? "master" : "slave") + (node.IsFailed ? ",fail" : string.Empty);
            text.Append(CultureInfo.InvariantCulture, $"{node.Id} {node.AnnouncedHost}:{node.AnnouncedPort}@{(node.AnnouncedPort % 55535) + 10000} {(node == myself ? "myself," : string.Empty)}{role} ");
            text.Append(CultureInfo.InvariantCulture, $"{node.MasterId ?? "-"} 0 0 {node.ConfigEpoch} connected");
            foreach (string range in slots[node]) text.Append(' ').Append(range);
            if (node == myself)
            {
                foreach ((int slot, FakeNode peer) in node.Migrating) text.Append(CultureInfo.InvariantCulture, $" [{slot}->-{peer.Id}]");
                foreach ((int slot, FakeNode peer) in node.Importing) text.Append(CultureInfo.InvariantCulture, $" [{slot}-<-{peer.Id}]");
            }

            text.Append('\n');
        }

        return FakeAnswer.Bulk(text.ToString());
    }

    public static FakeAnswer Shards(FakeCluster cluster, FakeView view, int protocol) => FakeAnswer.Written(writer =>
    {
        ILookup<FakeNode, SlotRange> slots = view.Ranges().ToLookup(static range => range.Owner, static range => range.Slots);
        RespWriter.WriteArrayHeader(writer, cluster.Masters.Count);
        foreach (FakeNode master in cluster.Masters)
        {
            Map(writer, protocol, 2);
            RespWriter.WriteBulkString(writer, "slots");
            SlotRange[] owned = [.. slots[master]];
            RespWriter.WriteArrayHeader(writer, 2 * owned.Length);
            foreach (SlotRange range in owned)
            {
                RespWriter.WriteInteger(writer, range.First);
                RespWriter.WriteInteger(writer, range.Last);
            }

            RespWriter.WriteBulkString(writer, "nodes");
            FakeNode[] members = MembersOf(cluster, master);
            RespWriter.WriteArrayHeader(writer, members.Length);
            foreach (FakeNode node in members) Member(writer, protocol, node);
        }
    });

    private static FakeNode[] MembersOf(FakeCluster cluster, FakeNode master) => [master, .. cluster.Nodes.Where(node => node.MasterId == master.Id)];

    private static void Member(IBufferWriter<byte> writer, int protocol, FakeNode node)
    {
        Map(writer, protocol, 7);
        Pair("id", node.Id);
        RespWriter.WriteBulkString(writer, "port");
        RespWriter.WriteInteger(writer, node.AnnouncedPort);
        Pair("ip", "127.0.0.1");
        Pair("endpoint", node.AnnouncedHost);
        Pair("role", node.MasterId is null ? "master" : "replica");
        RespWriter.WriteBulkString(writer, "replication-offset");
        RespWriter.WriteInteger(writer, 0);
        Pair("health", node.IsFailed ? "fail" : "online");

        void Pair(string key, string? value)
        {
            RespWriter.WriteBulkString(writer, key);
            RespWriter.WriteBulkString(writer, value);
        }
    }

    private static void Map(IBufferWriter<byte> writer, int protocol, int pairs)
    {
        if (protocol == 3) RespWriter.WriteMapHeader(writer, pairs);
        else RespWriter.WriteArrayHeader(writer, 2 * pairs);
    }
}
