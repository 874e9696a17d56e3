// Every typed command on servers, configuration and clients, at least once, on a real server.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Commands;

[Collection(CommandServerCollection.Name)]
public class ServerCommandsTests(CommandServer server)
{
    private readonly RedisClient _redis = server.Redis;

    [Fact]
    public async Task Answers()
    {
        Assert.InRange(await _redis.PingAsync(), TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5));
        Assert.Equal("hello", await _redis.EchoAsync("hello"));
        Assert.InRange(await _redis.TimeAsync(), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        await _redis.StringSetAsync(CommandServer.NewKey(), 1);
        Assert.InRange(await _redis.DatabaseSizeAsync(), 1, 1_000_000);
    }

    [Fact]
    public async Task DescribesItself()
    {
        await _redis.StringSetAsync(CommandServer.NewKey(), 1, TimeSpan.FromHours(1));
        ServerInfo info = await _redis.InfoAsync();
        Assert.Equal(server.Kind.ToString(), info.ServerName, ignoreCase: true);
        Assert.Equal(server.Version.ToString(2), info.Version!.ToString(2));
        Assert.Equal("standalone", info.Mode);
        Assert.True(info.IsMaster);
        Assert.NotNull(info.Uptime);

        // Garnet counts nobody unless its metrics are on.
        Assert.InRange(info.ConnectedClients!.Value, server.Kind == ServerKind.Garnet ? 0 : 1, 1000);

        ServerInfo replication = await _redis.InfoAsync("replication");
        Assert.True(replication.IsMaster);
        Assert.Equal(0, replication.ConnectedReplicas);
        Assert.Null(replication.IsMasterLinkUp);
        Assert.Equal(40, replication.ReplicationId!.Length);
        Assert.Null(replication.Uptime);

        if (server.Kind == ServerKind.Garnet)
        {
            // Garnet has no such fields, or says N/A: they are null or empty, never a number that nobody gave.
            Assert.Null(replication.ReplicationOffset);
            Assert.Null(info.ProcessId);
            Assert.Null(info.UsedMemory);
            Assert.Null(info.MaxMemory);
            Assert.Empty(info.Databases);
            return;
        }

        Assert.NotNull(replication.ReplicationOffset);
        Assert.InRange(info.ProcessId!.Value, 1, int.MaxValue);
        Assert.InRange(info.UsedMemory!.Value, 1, long.MaxValue);
        Assert.Equal(0, info.MaxMemory);
        Assert.False(info.IsLoading);
        Assert.InRange(info.Databases[0].Keys, 1, long.MaxValue);
        Assert.InRange(info.Databases[0].Expires, 1, long.MaxValue);
        ServerInfo two = await _redis.InfoAsync(["clients", "memory"]);
        Assert.Equal(["Clients", "Memory"], two.Sections.Keys);
    }

    [Fact]
    public async Task Configures()
    {
        IReadOnlyDictionary<string, string> all = await _redis.ConfigGetAsync();
        Assert.NotEmpty(all);
        Assert.Empty(await _redis.ConfigGetAsync("no-such-parameter"));
        await server.WhereKnownAsync("CONFIG RESETSTAT", () => _redis.ConfigResetStatisticsAsync(), Assert.True);
        if (server.Kind == ServerKind.Garnet)
        {
            // Garnet changes none of these while it runs, and rewrites no file.
            await RefusesAsync(async () => await _redis.ConfigSetAsync("slowlog-max-len", 200), "CONFIG SET - 'slowlog-max-len'");
            await RefusesAsync(async () => await _redis.ConfigSetAsync("no-such-parameter", 1), "CONFIG SET - 'no-such-parameter'");
            Assert.DoesNotContain("slowlog-max-len", (await _redis.ConfigGetAsync()).Keys);
            Assert.True(await _redis.ConfigRewriteAsync());
            return;
        }

        Assert.True(await _redis.ConfigSetAsync("slowlog-max-len", 200));
        Assert.Equal("200", (await _redis.ConfigGetAsync("slowlog-max-len"))["slowlog-max-len"]);
        Assert.True(await _redis.ConfigSetAsync([new("slowlog-max-len", 128), new("lua-time-limit", 5000)]));
        Assert.Equal("ERR", (await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.ConfigSetAsync("no-such-parameter", 1))).Code);
        Assert.True(await _redis.ConfigRewriteAsync());
    }

    private static async Task RefusesAsync(Func<Task> call, string words)
    {
        RedisServerException refusal = await Assert.ThrowsAsync<RedisServerException>(call);
        Assert.Equal(("ERR", Outcome.Rejected), (refusal.Code, refusal.Outcome));
        Assert.Contains(words, refusal.ServerMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KnowsItsClients()
    {
        long id = await _redis.ClientIdAsync();
        Assert.InRange(id, 1, long.MaxValue);
        await server.WhereKnownAsync("CLIENT GETNAME", () => _redis.ClientGetNameAsync(), _ => { });
        ClientInfo self = await _redis.ClientInfoAsync();
        Assert.Equal(id, self.Id);
        Assert.Contains(':', self.Address!);
        Assert.Contains(await _redis.ClientListAsync(), client => client.Id == id);
        Assert.Contains(await _redis.ClientListAsync(ClientType.Normal), client => client.Id == id);
        Assert.Empty(await _redis.ClientListAsync(ClientType.Replica));
        Assert.Equal(id, Assert.Single(await _redis.ClientListAsync([id])).Id);
        Assert.Equal(0, await _redis.ClientKillAsync(new() { Id = long.MaxValue }));
        await server.WhereKnownAsync("CLIENT UNBLOCK", () => _redis.ClientUnblockAsync(id), Assert.False);
        await server.WhereKnownAsync("CLIENT PAUSE", () => _redis.ClientPauseAsync(TimeSpan.FromMilliseconds(1), writesOnly: true), Assert.True);
        await server.WhereKnownAsync("CLIENT UNPAUSE", () => _redis.ClientUnpauseAsync(), Assert.True);
    }

    [Fact]
    public async Task ClosesAnotherClient()
    {
        await using RedisClient other = await RedisClient.ConnectAsync(server.ConnectionString);
        long id = await other.ClientIdAsync();
        Assert.Equal(1, await _redis.ClientKillAsync(new() { Id = id }));
        Assert.NotEqual(id, await other.ClientIdAsync());
    }
}
