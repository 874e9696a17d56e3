// The commands on servers, configuration and clients: bytes sent, replies of both protocols, arguments refused.
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class ServerCommandsTests
{
    private const string Info = """
        # Server
        redis_version:7.2.4
        server_name:valkey
        valkey_version:9.1.0
        redis_mode:cluster
        process_id:77
        uptime_in_seconds:3600

        # Clients
        connected_clients:5

        # Memory
        used_memory:1048576
        maxmemory:0

        # Persistence
        loading:0

        # Replication
        role:slave
        master_link_status:up
        connected_slaves:2
        master_replid:0123456789012345678901234567890123456789
        master_repl_offset:42

        # Keyspace
        db0:keys=2,expires=1,avg_ttl=0
        db3:keys=7,expires=0,avg_ttl=0
        """;

    private const string Client =
        "id=9 addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=8 name= age=12 idle=3 flags=N db=1 sub=0 cmd=client|list user=default redir=-1 resp=3 lib-name=ClusterClient lib-ver=0.1\n";

    [Fact]
    public async Task Pings()
    {
        TimeSpan time = await ReceivesAsync("PING", r => r.PingAsync(), "+PONG\r\n");
        Assert.InRange(time, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<UnexpectedReplyException>(async () => await ReceivesAsync("PING", r => r.PingAsync(), ":1\r\n"));
        await SendsAsync("ECHO hi", r => r.EchoAsync("hi"), (RedisValue)"hi", "$2\r\nhi\r\n");
    }

    [Fact]
    public async Task ReadsInfo()
    {
        foreach (string text in new[] { Info, Info.ReplaceLineEndings("\r\n") })
        {
            ServerInfo info = await ReceivesAsync("INFO", r => r.InfoAsync(), Bulk(text));
            Assert.Equal("valkey", info.ServerName);
            Assert.Equal(new Version(9, 1, 0), info.Version);
            Assert.Equal("cluster", info.Mode);
            Assert.Equal(77, info.ProcessId);
            Assert.Equal(TimeSpan.FromHours(1), info.Uptime);
            Assert.Equal(5, info.ConnectedClients);
            Assert.Equal(1048576, info.UsedMemory);
            Assert.Equal(0, info.MaxMemory);
            Assert.False(info.IsLoading);
            Assert.False(info.IsMaster);
            Assert.True(info.IsMasterLinkUp);
            Assert.Equal(2, info.ConnectedReplicas);
            Assert.Equal(40, info.ReplicationId!.Length);
            Assert.Equal(42, info.ReplicationOffset);
            Assert.Equal(new KeyspaceInfo(2, 1), info.Databases[0]);
            Assert.Equal(new KeyspaceInfo(7, 0), info.Databases[3]);
            Assert.Equal("7.2.4", info.Sections["server"]["redis_version"]);
            Assert.Null(info["no_such_field"]);
        }
    }

    [Fact]
    public async Task ReadsASectionOfInfo()
    {
        ServerInfo info = await ReceivesAsync("INFO replication", r => r.InfoAsync("replication"), "=32\r\ntxt:# Replication\r\nrole:master\r\n\r\n");
        Assert.True(info.IsMaster);
        Assert.Null(info.IsMasterLinkUp);
        Assert.Null(info.Version);
        Assert.Null(info.ServerName);
        Assert.Empty(info.Databases);
        await ReceivesAsync("INFO server clients", r => r.InfoAsync(["server", "clients"]), Bulk(Info));
        await ReceivesAsync("INFO", r => r.InfoAsync(ReadOnlySpan<string>.Empty), Bulk(Info));
    }

    [Fact]
    public async Task TellsTimeAndSize()
    {
        await SendsAsync(
            "TIME", r => r.TimeAsync(), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000).AddMicroseconds(123_456), "*2\r\n$10\r\n1800000000\r\n$6\r\n123456\r\n");
        await SendsAsync("DBSIZE", r => r.DatabaseSizeAsync(), 12L, ":12\r\n");
    }

    [Fact]
    public async Task Configures()
    {
        foreach (string reply in new[] { "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$0\r\n\r\n", "%2\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$0\r\n\r\n" })
        {
            IReadOnlyDictionary<string, string> found = await ReceivesAsync("CONFIG GET max*", r => r.ConfigGetAsync("max*"), reply);
            Assert.Equal("1", found["a"]);
            Assert.Equal("", found["b"]);
        }

        Assert.Empty(await ReceivesAsync("CONFIG GET *", r => r.ConfigGetAsync(), "*0\r\n"));
        await SendsAsync("CONFIG SET maxmemory 100", r => r.ConfigSetAsync("maxmemory", 100), true, Ok);
        await SendsAsync("CONFIG SET a 1 b 2", r => r.ConfigSetAsync([new("a", 1), new("b", 2)]), true, Ok);
        await SendsAsync("CONFIG RESETSTAT", r => r.ConfigResetStatisticsAsync(), true, Ok);
        await SendsAsync("CONFIG REWRITE", r => r.ConfigRewriteAsync(), true, Ok);
    }

    [Fact]
    public async Task ReadsClients()
    {
        ClientInfo client = await ReceivesAsync("CLIENT INFO", r => r.ClientInfoAsync(), Bulk(Client));
        Assert.Equal(9, client.Id);
        Assert.Equal("127.0.0.1:50000", client.Address);
        Assert.Equal("127.0.0.1:6379", client.LocalAddress);
        Assert.Equal("", client.Name);
        Assert.Equal(TimeSpan.FromSeconds(12), client.Age);
        Assert.Equal(TimeSpan.FromSeconds(3), client.Idle);
        Assert.Equal("N", client.Flags);
        Assert.Equal(1, client.Database);
        Assert.Equal("client|list", client.LastCommand);
        Assert.Equal("default", client.User);
        Assert.Equal(3, client.Protocol);
        Assert.Equal("ClusterClient", client.LibraryName);
        Assert.Equal("0.1", client.LibraryVersion);
        Assert.Equal("8", client.Fields["fd"]);

        Assert.Equal(2, (await ReceivesAsync("CLIENT LIST", r => r.ClientListAsync(), Bulk(Client + Client))).Length);
        Assert.Empty(await ReceivesAsync("CLIENT LIST TYPE replica", r => r.ClientListAsync(ClientType.Replica), "$0\r\n\r\n"));
        Assert.Single(await ReceivesAsync("CLIENT LIST ID 9 10", r => r.ClientListAsync([9, 10]), Bulk(Client)));
        await Assert.ThrowsAsync<UnexpectedReplyException>(async () => await ReceivesAsync("CLIENT INFO", r => r.ClientInfoAsync(), Ok));
    }

    [Fact]
    public async Task ManagesClients()
    {
        await SendsAsync("CLIENT ID", r => r.ClientIdAsync(), 5L, ":5\r\n");
        await SendsAsync("CLIENT GETNAME", r => r.ClientGetNameAsync(), null, Null2, Null3);
        await SendsAsync("CLIENT KILL ID 5", r => r.ClientKillAsync(new() { Id = 5 }), 1L, ":1\r\n");
        await SendsAsync(
            "CLIENT KILL TYPE normal USER bob ADDR 1.2.3.4:5 LADDR 6.7.8.9:10 MAXAGE 60 SKIPME no",
            r => r.ClientKillAsync(new()
            {
                Type = ClientType.Normal,
                User = "bob",
                Address = "1.2.3.4:5",
                LocalAddress = "6.7.8.9:10",
                MinAge = TimeSpan.FromMinutes(1),
                SkipMe = false,
            }),
            0L,
            ":0\r\n");
        await SendsAsync("CLIENT PAUSE 250", r => r.ClientPauseAsync(TimeSpan.FromMilliseconds(250)), true, Ok);
        await SendsAsync("CLIENT PAUSE 250 WRITE", r => r.ClientPauseAsync(TimeSpan.FromMilliseconds(250), writesOnly: true), true, Ok);
        await SendsAsync("CLIENT UNPAUSE", r => r.ClientUnpauseAsync(), true, Ok);
        await SendsAsync("CLIENT UNBLOCK 5", r => r.ClientUnblockAsync(5), true, ":1\r\n");
        await SendsAsync("CLIENT UNBLOCK 5 ERROR", r => r.ClientUnblockAsync(5, withError: true), false, ":0\r\n");
    }

    [Fact]
    public async Task AsksAboutTheCluster()
    {
        ClusterInfo info = await ReceivesAsync(
            "CLUSTER INFO", r => r.ClusterInfoAsync(),
            Bulk("cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_slots_pfail:0\r\ncluster_known_nodes:6\r\ncluster_size:3\r\ncluster_current_epoch:6\r\ncluster_my_epoch:2\r\n"));
        Assert.True(info.IsOk);
        Assert.Equal(16384, info.SlotsAssigned);
        Assert.Equal(16384, info.SlotsOk);
        Assert.Equal(0, info.SlotsSuspected);
        Assert.Equal(0, info.SlotsFailed);
        Assert.Equal(6, info.KnownNodes);
        Assert.Equal(3, info.Size);
        Assert.Equal(6, info.CurrentEpoch);
        Assert.Equal(2, info.MyEpoch);
        Assert.Equal("3", info.Fields["cluster_size"]);
        await Assert.ThrowsAsync<UnexpectedReplyException>(async () => await ReceivesAsync("CLUSTER INFO", r => r.ClusterInfoAsync(), "$0\r\n\r\n"));

        await SendsAsync("CLUSTER MYID", r => r.ClusterMyIdAsync(), "abc", "$3\r\nabc\r\n");
        await SendsAsync("CLUSTER MYSHARDID", r => r.ClusterMyShardIdAsync(), "abc", "$3\r\nabc\r\n");
        await SendsAsync("CLUSTER KEYSLOT k", r => r.ClusterKeySlotAsync("k"), 7629L, ":7629\r\n");
        await SendsAsync("CLUSTER COUNTKEYSINSLOT 7629", r => r.ClusterCountKeysInSlotAsync(7629), 2L, ":2\r\n");
        await SendsAsync("CLUSTER COUNT-FAILURE-REPORTS abc", r => r.ClusterCountFailureReportsAsync("abc"), 0L, ":0\r\n");
        RedisKey[] keys = await ReceivesAsync("CLUSTER GETKEYSINSLOT 7629 10", r => r.ClusterGetKeysInSlotAsync(7629, 10), "*2\r\n$1\r\nk\r\n$3\r\n{k}\r\n");
        Assert.Equal(["k", "{k}"], keys);
    }

    [Fact]
    public async Task DescribesTheCluster()
    {
        const string Id = "0123456789012345678901234567890123456789";
        var nodes = await ReceivesAsync("CLUSTER NODES", r => r.ClusterNodesAsync(), Bulk($"{Id} 127.0.0.1:7000@17000 myself,master - 0 0 3 connected 0-16383\n"));
        Assert.Equal(3, Assert.Single(nodes).ConfigEpoch);
        var slots = await ReceivesAsync("CLUSTER SLOTS", r => r.ClusterSlotsAsync(), $"*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:7000\r\n$40\r\n{Id}\r\n");
        Assert.Equal(7000, Assert.Single(slots).Master.Port);
        var shards = await ReceivesAsync("CLUSTER SHARDS", r => r.ClusterShardsAsync(), "*1\r\n%2\r\n$5\r\nslots\r\n*2\r\n:0\r\n:16383\r\n$5\r\nnodes\r\n*0\r\n");
        Assert.Empty(Assert.Single(shards).Nodes);
    }

    [Fact]
    public void RefusesBadArguments()
    {
        Refuses<ArgumentNullException>("message", r => r.EchoAsync(RedisValue.Null));
        Refuses<ArgumentException>("pattern", r => r.ConfigGetAsync(""));
        Refuses<ArgumentException>("parameter", r => r.ConfigSetAsync("", 1));
        Refuses<ArgumentNullException>("value", r => r.ConfigSetAsync("a", RedisValue.Null));
        Refuses<ArgumentException>("parameters", r => r.ConfigSetAsync([]));
        Refuses<ArgumentException>("ids", r => r.ClientListAsync(ReadOnlySpan<long>.Empty));
        Refuses<ArgumentOutOfRangeException>("type", r => r.ClientListAsync((ClientType)9));
        Refuses<ArgumentNullException>("filter", r => r.ClientKillAsync(null!));
        Refuses<ArgumentOutOfRangeException>("time", r => r.ClientPauseAsync(TimeSpan.FromSeconds(-1)));
        Refuses<ArgumentOutOfRangeException>("slot", r => r.ClusterCountKeysInSlotAsync(16384));
        Refuses<ArgumentOutOfRangeException>("slot", r => r.ClusterGetKeysInSlotAsync(-1, 1));
        Refuses<ArgumentOutOfRangeException>("count", r => r.ClusterGetKeysInSlotAsync(1, -1));
        Refuses<ArgumentException>("nodeId", r => r.ClusterCountFailureReportsAsync(""));
        var failure = Assert.Throws<ArgumentException>(() => { new RecordingExecutor(Ok).ClientKillAsync(new() { SkipMe = true }); });
        Assert.Contains("every connection", failure.Message, StringComparison.Ordinal);
    }
}
