// Every typed key command, at least once, on a real server.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Commands;

[Collection(CommandServerCollection.Name)]
public class KeyCommandsTests(CommandServer server)
{
    private readonly RedisClient _redis = server.Redis;
    private readonly RedisKey _key = CommandServer.NewKey();
    private readonly RedisKey _other = CommandServer.NewKey();

    [Fact]
    public async Task DeletesCountsAndTouches()
    {
        Assert.False(await _redis.KeyExistsAsync(_key));
        await _redis.StringSetAsync([new(_key, 1), new(_other, 2)]);
        Assert.True(await _redis.KeyExistsAsync(_key));
        Assert.Equal(3, await _redis.KeyExistsAsync([_key, _other, _key]));
        await server.WhereKnownAsync("TOUCH", () => _redis.KeyTouchAsync(_key), Assert.True);
        await server.WhereKnownAsync("TOUCH", () => _redis.KeyTouchAsync([_key, _other, CommandServer.NewKey()]), count => Assert.Equal(2, count));
        await server.WhereKnownAsync("RANDOMKEY", () => _redis.KeyRandomAsync(), key => Assert.False(key.IsNull));
        Assert.True(await _redis.KeyDeleteAsync(_key));
        Assert.False(await _redis.KeyDeleteAsync(_key));
        Assert.True(await _redis.KeyUnlinkAsync(_other));
        await _redis.StringSetAsync([new(_key, 1), new(_other, 2)]);
        Assert.Equal(1, await _redis.KeyDeleteAsync([_key, CommandServer.NewKey()]));
        Assert.Equal(1, await _redis.KeyUnlinkAsync([_key, _other]));
    }

    [Fact]
    public async Task SetsAndTellsTheExpiry()
    {
        Assert.False(await _redis.KeyExpireAsync(_key, TimeSpan.FromMinutes(1)));
        Assert.Equal(-2, await _redis.KeyTimeToLiveMillisecondsAsync(_key));
        await _redis.StringSetAsync(_key, "v");
        Assert.Equal(-1, await _redis.KeyTimeToLiveMillisecondsAsync(_key));
        Assert.Null(await _redis.KeyTimeToLiveAsync(_key));
        Assert.False(await _redis.KeyPersistAsync(_key));

        Assert.True(await _redis.KeyExpireAsync(_key, TimeSpan.FromMinutes(1)));
        Assert.InRange((await _redis.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
        Assert.True(await _redis.KeyExpireAsync(_key, TimeSpan.FromMilliseconds(90_500)));
        Assert.InRange((await _redis.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromSeconds(61), TimeSpan.FromMilliseconds(90_500));
        Assert.True(await _redis.KeyPersistAsync(_key));

        DateTimeOffset moment = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds() / 1000 * 1000);
        Assert.True(await _redis.KeyExpireAsync(_key, moment));
        await server.WhereKnownAsync("PEXPIRETIME", () => _redis.KeyExpireTimeAsync(_key), at => Assert.Equal(moment, at));
        Assert.True(await _redis.KeyExpireAsync(_key, moment.AddMilliseconds(7)));
        await server.WhereKnownAsync("PEXPIRETIME", () => _redis.KeyExpireTimeAsync(_key), at => Assert.Equal(moment.AddMilliseconds(7), at));
        await server.WhereKnownAsync("PEXPIRETIME", () => _redis.KeyExpireTimeAsync(_other), at => Assert.Null(at));
        Assert.True(await _redis.KeyExpireAsync(_key, Expiry.None));
        Assert.Equal(-1, await _redis.KeyTimeToLiveMillisecondsAsync(_key));
    }

    [Fact]
    public async Task SetsTheExpiryUnderConditions()
    {
        TimeSpan minute = TimeSpan.FromMinutes(1);
        await _redis.StringSetAsync(_key, "v");
        Assert.False(await _redis.KeyExpireAsync(_key, minute, ExpireWhen.HasExpiry));
        Assert.False(await _redis.KeyExpireAsync(_key, minute, ExpireWhen.GreaterThanCurrentExpiry));
        Assert.True(await _redis.KeyExpireAsync(_key, minute, ExpireWhen.HasNoExpiry));
        Assert.False(await _redis.KeyExpireAsync(_key, minute, ExpireWhen.HasNoExpiry));
        Assert.True(await _redis.KeyExpireAsync(_key, minute * 2, ExpireWhen.GreaterThanCurrentExpiry));
        Assert.True(await _redis.KeyExpireAsync(_key, minute / 2, ExpireWhen.LessThanCurrentExpiry));
        Assert.False(await _redis.KeyExpireAsync(_key, minute, ExpireWhen.LessThanCurrentExpiry));
        Assert.True(await _redis.KeyExpireAsync(_key, minute, ExpireWhen.HasExpiry));
    }

    [Fact]
    public async Task TellsTheType()
    {
        Assert.Equal(RedisType.None, await _redis.KeyTypeAsync(_key));
        foreach ((string command, RedisValue[] arguments, RedisType type) in new (string, RedisValue[], RedisType)[]
        {
            ("SET", ["v"], RedisType.String),
            ("RPUSH", ["v"], RedisType.List),
            ("SADD", ["v"], RedisType.Set),
            ("ZADD", [1, "v"], RedisType.SortedSet),
            ("HSET", ["f", "v"], RedisType.Hash),
        })
        {
            RedisKey key = CommandServer.NewKey();
            await _redis.ExecuteAsync(command, [key, .. arguments], default);
            Assert.Equal(type, await _redis.KeyTypeAsync(key));
        }

        await server.WhereKnownAsync("XADD", () => _redis.ExecuteAsync("XADD", _other, "*", "f", "v"), _ => { });
        Assert.Equal(server.Commands.ContainsKey("XADD") ? RedisType.Stream : RedisType.None, await _redis.KeyTypeAsync(_other));

        // Garnet knows vector sets and refuses them unless told otherwise at its start.
        if (server.Kind == ServerKind.Garnet)
        {
            var refused = await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.ExecuteAsync("VADD", _key, "VALUES", 2, 1, 2, "element"));
            Assert.Equal(("ERR", Outcome.Rejected), (refused.Code, refused.Outcome));
            Assert.Contains("Vector Set", refused.ServerMessage, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(RedisType.None, await _redis.KeyTypeAsync(_key));
            return;
        }

        await server.WhereKnownAsync("VADD", () => _redis.ExecuteAsync("VADD", _key, "VALUES", 2, 1, 2, "element"), _ => { });
        Assert.Equal(server.Commands.ContainsKey("VADD") ? RedisType.VectorSet : RedisType.None, await _redis.KeyTypeAsync(_key));
    }

    [Fact]
    public async Task LooksBehindAKey()
    {
        // No small integer: the server shares those among all keys, and their clock with them.
        await _redis.StringSetAsync(_key, "text");
        await server.WhereKnownAsync("OBJECT ENCODING", () => _redis.KeyEncodingAsync(_key), encoding => Assert.Contains(encoding, new[] { "embstr", "raw" }));
        await server.WhereKnownAsync("OBJECT IDLETIME", () => _redis.KeyIdleTimeAsync(_key), time => Assert.InRange(time!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(5)));
        await server.WhereKnownAsync("OBJECT REFCOUNT", () => _redis.KeyRefCountAsync(_key), count => Assert.InRange(count!.Value, 1, long.MaxValue));

        // The counter exists only under an LFU policy, and says so otherwise.
        var failure = await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.KeyFrequencyAsync(_key));
        Assert.Contains(server.Commands.ContainsKey("OBJECT FREQ") ? "LFU" : "unknown", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RenamesCopiesAndMoves()
    {
        await _redis.StringSetAsync(_key, "v");
        Assert.True(await _redis.KeyRenameAsync(_key, _other));
        Assert.Equal("v", await _redis.StringGetAsync(_other));
        await _redis.StringSetAsync(_key, "w");
        Assert.False(await _redis.KeyRenameAsync(_key, _other, When.NotExists));
        await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.KeyRenameAsync(CommandServer.NewKey(), _other));

        await server.WhereKnownAsync("COPY", () => _redis.KeyCopyAsync(_key, _other), Assert.False);
        await server.WhereKnownAsync("COPY", () => _redis.KeyCopyAsync(_key, _other, replace: true), Assert.True);
        await server.WhereKnownAsync("COPY", () => _redis.KeyCopyAsync(_key, _other, database: 3), Assert.True);
        await server.WhereKnownAsync("MOVE", () => _redis.KeyMoveAsync(_key, 3), Assert.True);
    }

    [Fact]
    public async Task DumpsAndRestores()
    {
        Assert.Null(await _redis.KeyDumpAsync(_key));
        await _redis.StringSetAsync(_key, "v");
        byte[] dump = (await _redis.KeyDumpAsync(_key))!;
        Assert.True(await _redis.KeyRestoreAsync(_other, dump));
        Assert.Equal("v", await _redis.StringGetAsync(_other));
        Assert.Equal("BUSYKEY", (await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.KeyRestoreAsync(_other, dump))).Code);

        bool options = server.Kind != ServerKind.Garnet;
        await CommandServer.WhereSupportedAsync(
            options, () => _redis.KeyRestoreAsync(_other, dump, new() { Replace = true, Expiry = TimeSpan.FromMinutes(2), IdleTime = TimeSpan.FromHours(1) }), Assert.True);
        if (options)
        {
            Assert.InRange((await _redis.KeyTimeToLiveAsync(_other))!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
            Assert.InRange((await _redis.KeyIdleTimeAsync(_other))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(62));
        }

        await CommandServer.WhereSupportedAsync(
            options, () => _redis.KeyRestoreAsync(_other, dump, new() { Replace = true, Expiry = DateTimeOffset.UtcNow.AddMinutes(2), Frequency = 10 }), Assert.True);
        dump[^1] ^= 0xff;
        await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.KeyRestoreAsync(CommandServer.NewKey(), dump));
    }
}
