// What Sentinels answer and publish, read: maps and flat arrays, events, and the moment in which the leader contradicts itself.
using System.Text;
using ClusterClient.Topology.Replies;
using ClusterClient.Topology.Sentinel;
using ClusterClient.UnitTests.Topology.Support;

namespace ClusterClient.UnitTests.Topology.Sentinel;

public class SentinelReplyTests
{
    private static readonly NodeEndpoint _sentinel = new("127.0.0.1", 26379);

    [Theory]
    [InlineData('*')]
    [InlineData('%')]
    public void A_server_is_a_map_or_a_flat_array(char type)
    {
        string[] words = ["name", "mymaster", "ip", "10.0.0.1", "port", "6379", "flags", "master,s_down", "config-epoch", "7"];
        var fields = Reply.Parse(SentinelEntryParser.Instance, Entry(type, words));
        Assert.Equal("7", fields["config-epoch"]);
        var several = Reply.Parse(SentinelEntriesParser.Instance, $"*2\r\n{Entry(type, words)}{Entry(type, "name", "x")}");
        Assert.Equal(["mymaster", "x"], several.Select(static entry => entry["name"]));
    }

    [Fact]
    public void An_address_is_read_and_a_name_that_is_not_watched_is_null()
    {
        Assert.Equal(new NodeEndpoint("::1", 6380), Reply.Parse(SentinelAddressParser.Instance, Encoding.UTF8.GetBytes($"*2\r\n{Reply.Bulk("::1")}{Reply.Bulk("6380")}")));
        Assert.Null(Reply.Parse(SentinelAddressParser.Instance, "*-1\r\n"));
        Assert.Throws<UnexpectedReplyException>(() => Reply.Parse(SentinelAddressParser.Instance, "*1\r\n$1\r\nx\r\n"));
    }

    [Fact]
    public void The_leader_of_a_failover_tells_the_new_epoch_beside_the_old_address_and_the_new_address_elsewhere()
    {
        var master = Reply.Parse(SentinelEntryParser.Instance, Entry('%', "name", "m", "ip", "10.0.0.1", "port", "6379", "flags", "master,s_down,o_down,failover_in_progress", "config-epoch", "8"));
        var replicas = Reply.Parse(SentinelEntriesParser.Instance, $"*2\r\n{Entry('%', "ip", "10.0.0.2", "port", "6379", "flags", "slave,promoted", "master-link-status", "err")}"
            + Entry('%', "ip", "10.0.0.3", "port", "6379", "flags", "slave", "master-link-status", "ok"));
        SentinelView view = SentinelView.From(_sentinel, master, new("10.0.0.2", 6379), replicas, []);
        Assert.Equal((8, new NodeEndpoint("10.0.0.2", 6379), true, ClusterNodeFlags.None), (view.Epoch, view.Master, view.IsFailingOver, view.Flags));
        Assert.Equal(["10.0.0.1:6379", "10.0.0.3:6379"], view.Replicas.Select(static replica => replica.Announced.ToString()).Order());
        SentinelReplica demoted = view.Replicas.Single(static replica => replica.Announced.Host == "10.0.0.1");
        Assert.True(demoted.Flags.HasFlag(ClusterNodeFlags.Failed | ClusterNodeFlags.ObjectivelyDown));
        Assert.False(demoted.IsLinkUp);
    }

    [Fact]
    public void A_sentinels_own_id_is_text()
    {
        Assert.Equal("0a0b", Reply.Parse(SentinelIdParser.Instance, Encoding.UTF8.GetBytes(Reply.Bulk("0a0b"))));
        Assert.Throws<UnexpectedReplyException>(() => Reply.Parse(SentinelIdParser.Instance, "*0\r\n"));
    }

    [Fact]
    public void Health_is_read_and_entries_without_an_address_are_left_out()
    {
        var master = Reply.Parse(SentinelEntryParser.Instance, Entry('*', "ip", "10.0.0.1", "port", "6379", "flags", "master,s_down"));
        var others = Reply.Parse(SentinelEntriesParser.Instance, $"*3\r\n{Entry('*', "ip", "10.0.0.2", "port", "6379", "flags", "s_down,slave,disconnected", "runid", "0a0b")}{Entry('*', "ip", "", "port", "1")}{Entry('*', "ip", "x", "port", "0")}");
        SentinelView view = SentinelView.From(_sentinel, master, new("10.0.0.1", 6379), others, others);
        Assert.Equal((ClusterNodeFlags.SubjectivelyDown, 0L), (view.Flags, view.Epoch));
        Assert.Equal(ClusterNodeFlags.SubjectivelyDown | ClusterNodeFlags.Failed, Assert.Single(view.Replicas).Flags);
        Assert.Equal(new NamedSentinel(new("10.0.0.2", 6379), "0a0b") { IsDown = true }, Assert.Single(view.Sentinels));
    }

    [Theory]
    [InlineData("+switch-master", "m 10.0.0.1 6379 10.0.0.2 6380", "m", "10.0.0.2:6380")]
    [InlineData("+selected-slave", "slave 10.0.0.2:6380 10.0.0.2 6380 @ m 10.0.0.1 6379", "m", "10.0.0.2:6380")]
    [InlineData("+odown", "master m 10.0.0.1 6379 #quorum 2/2", "m", "10.0.0.1:6379")]
    [InlineData("+sentinel", "sentinel 0a0b 10.0.1.2 26379 @ m 10.0.0.1 6379", "m", "10.0.1.2:26379")]
    public void Events_name_the_service_and_the_server(string channel, string payload, string service, string subject)
    {
        SentinelEvent told = Assert.IsType<SentinelEvent>(SentinelEvent.Read(Encoding.UTF8.GetBytes(channel), Encoding.UTF8.GetBytes(payload)));
        Assert.Equal((channel, service, subject), (told.Name, told.Service, told.Subject.ToString()));
    }

    [Theory]
    [InlineData("+switch-master", "m 10.0.0.1 6379")]
    [InlineData("+sdown", "")]
    [InlineData("+sdown", "slave x 10.0.0.1 port @ m")]
    [InlineData("+sdown", "slave x 10.0.0.1 6379 @")]
    public void What_is_no_event_is_passed_over(string channel, string payload) => Assert.Null(SentinelEvent.Read(Encoding.UTF8.GetBytes(channel), Encoding.UTF8.GetBytes(payload)));

    private static string Entry(char type, params string[] words) => $"{type}{(type == '%' ? words.Length / 2 : words.Length)}\r\n{string.Concat(words.Select(Reply.Bulk))}";
}
