// Answers to INFO replication: what is read of them, and that a server that says the same again costs no memory.
using System.Globalization;
using System.Text;
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Connections;

public class ReplicationReplyTests
{
    [Fact]
    public void A_replica_tells_its_history_its_offset_and_its_master()
    {
        ReplicationInfo told = Parse(new(), "role:slave\r\nmaster_host:10.0.0.7\r\nmaster_port:6380\r\nmaster_link_status:up\r\nslave_repl_offset:90\r\nmaster_replid:abc\r\nmaster_replid2:def\r\nmaster_repl_offset:100\r\nsecond_repl_offset:51\r\n");
        Assert.Equal((false, true, "abc", "def", 51, 90), (told.IsMaster, told.IsLinkUp, told.Id, told.SecondId, told.SecondOffset, told.Offset));
        Assert.Equal(new NodeEndpoint("10.0.0.7", 6380), told.Follows);
    }

    [Fact]
    public void What_has_changed_is_read_anew()
    {
        ReplicationReply reply = new();
        foreach (int history in (int[])[1, 2, 1, 1, 3])
        {
            ReplicationInfo told = Parse(reply, Shard(history));
            Assert.Equal((History(history), History(history + 500), $"10.0.0.{history}"), (told.Id, told.SecondId, told.Follows!.Value.Host));
        }
    }

    [Fact]
    public void Many_shards_that_say_what_they_said_before_cost_no_memory()
    {
        // One connection each, as in use: a hundred nodes with histories and masters of their own, asked in turn.
        (ReplicationReply Reply, byte[] Text)[] nodes = [.. Enumerable.Range(1, 100).Select(static shard => (new ReplicationReply(), Encode(Shard(shard))))];
        foreach ((ReplicationReply reply, byte[] text) in nodes) Parse(reply, text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 20; round++)
        {
            foreach ((ReplicationReply reply, byte[] text) in nodes) Parse(reply, text);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string History(int number) => number.ToString("x40", CultureInfo.InvariantCulture);

    private static string Shard(int number) => string.Create(CultureInfo.InvariantCulture,
        $"# Replication\r\nrole:slave\r\nmaster_host:10.0.0.{number}\r\nmaster_port:6379\r\nmaster_link_status:up\r\nslave_repl_offset:100\r\nmaster_replid:{History(number)}\r\nmaster_replid2:{History(number + 500)}\r\nsecond_repl_offset:7\r\n");

    private static byte[] Encode(string text) => Encoding.UTF8.GetBytes($"${text.Length}\r\n{text}\r\n");

    private static ReplicationInfo Parse(ReplicationReply reply, string text) => Parse(reply, Encode(text));

    private static ReplicationInfo Parse(ReplicationReply reply, byte[] encoded)
    {
        RespReader reader = new(encoded);
        reader.Read();
        return reply.Parse(ref reader);
    }
}
