// The key commands: bytes sent, replies of both protocols, arguments refused.
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class KeyCommandsTests
{
    private static readonly DateTimeOffset Moment = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123);

    [Fact]
    public async Task DeletesCountsAndTouches()
    {
        await SendsAsync("DEL k", r => r.KeyDeleteAsync("k"), true, ":1\r\n");
        await SendsAsync("DEL a b", r => r.KeyDeleteAsync(["a", "b"]), 2L, ":2\r\n");
        await SendsAsync("UNLINK k", r => r.KeyUnlinkAsync("k"), false, ":0\r\n");
        await SendsAsync("UNLINK a b", r => r.KeyUnlinkAsync(["a", "b"]), 1L, ":1\r\n");
        await SendsAsync("EXISTS k", r => r.KeyExistsAsync("k"), true, ":1\r\n", "#t\r\n");
        await SendsAsync("EXISTS a a", r => r.KeyExistsAsync(["a", "a"]), 2L, ":2\r\n");
        await SendsAsync("TOUCH k", r => r.KeyTouchAsync("k"), true, ":1\r\n");
        await SendsAsync("TOUCH a b", r => r.KeyTouchAsync(["a", "b"]), 2L, ":2\r\n");
        await SendsAsync("RANDOMKEY", r => r.KeyRandomAsync(), (RedisKey)"k", "$1\r\nk\r\n");
        await SendsAsync("RANDOMKEY", r => r.KeyRandomAsync(), default(RedisKey), Null2, Null3);
    }

    [Fact]
    public async Task SetsTheExpiry()
    {
        await SendsAsync("EXPIRE k 60", r => r.KeyExpireAsync("k", TimeSpan.FromMinutes(1)), true, ":1\r\n");
        await SendsAsync("PEXPIRE k 1500", r => r.KeyExpireAsync("k", TimeSpan.FromSeconds(1.5)), false, ":0\r\n");
        await SendsAsync("PEXPIREAT k 1800000000123", r => r.KeyExpireAsync("k", Moment), true, ":1\r\n");
        await SendsAsync("EXPIREAT k 1800000000", r => r.KeyExpireAsync("k", DateTimeOffset.FromUnixTimeSeconds(1_800_000_000)), true, ":1\r\n");
        await SendsAsync("EXPIRE k 60 NX", r => r.KeyExpireAsync("k", TimeSpan.FromMinutes(1), ExpireWhen.HasNoExpiry), true, ":1\r\n");
        await SendsAsync("EXPIRE k 60 XX", r => r.KeyExpireAsync("k", TimeSpan.FromMinutes(1), ExpireWhen.HasExpiry), true, ":1\r\n");
        await SendsAsync("EXPIRE k 60 GT", r => r.KeyExpireAsync("k", TimeSpan.FromMinutes(1), ExpireWhen.GreaterThanCurrentExpiry), true, ":1\r\n");
        await SendsAsync("EXPIRE k 60 LT", r => r.KeyExpireAsync("k", TimeSpan.FromMinutes(1), ExpireWhen.LessThanCurrentExpiry), true, ":1\r\n");
        await SendsAsync("PERSIST k", r => r.KeyExpireAsync("k", Expiry.None), true, ":1\r\n");
        await SendsAsync("PERSIST k", r => r.KeyPersistAsync("k"), false, ":0\r\n");
    }

    [Fact]
    public async Task TellsTheExpiry()
    {
        await SendsAsync("PTTL k", r => r.KeyTimeToLiveAsync("k"), TimeSpan.FromMilliseconds(1234), ":1234\r\n");
        await SendsAsync("PTTL k", r => r.KeyTimeToLiveAsync("k"), (TimeSpan?)null, ":-1\r\n", ":-2\r\n");
        await SendsAsync("PTTL k", r => r.KeyTimeToLiveMillisecondsAsync("k"), -2L, ":-2\r\n");
        await SendsAsync("PEXPIRETIME k", r => r.KeyExpireTimeAsync("k"), Moment, ":1800000000123\r\n");
        await SendsAsync("PEXPIRETIME k", r => r.KeyExpireTimeAsync("k"), (DateTimeOffset?)null, ":-1\r\n", ":-2\r\n");
    }

    [Theory]
    [InlineData("none", RedisType.None)]
    [InlineData("string", RedisType.String)]
    [InlineData("list", RedisType.List)]
    [InlineData("set", RedisType.Set)]
    [InlineData("zset", RedisType.SortedSet)]
    [InlineData("hash", RedisType.Hash)]
    [InlineData("stream", RedisType.Stream)]
    [InlineData("vectorset", RedisType.VectorSet)]
    [InlineData("array", RedisType.Array)]
    [InlineData("ReJSON-RL", RedisType.Json)]
    [InlineData("MBbloom--", RedisType.Unknown)]
    public Task TellsTheType(string word, RedisType type) => SendsAsync("TYPE k", r => r.KeyTypeAsync("k"), type, $"+{word}\r\n");

    [Fact]
    public async Task LooksBehindAKey()
    {
        await SendsAsync("OBJECT ENCODING k", r => r.KeyEncodingAsync("k"), "int", "$3\r\nint\r\n");
        await SendsAsync("OBJECT ENCODING k", r => r.KeyEncodingAsync("k"), null, Null2, Null3);
        await SendsAsync("OBJECT FREQ k", r => r.KeyFrequencyAsync("k"), 5L, ":5\r\n");
        await SendsAsync("OBJECT IDLETIME k", r => r.KeyIdleTimeAsync("k"), TimeSpan.FromSeconds(20), ":20\r\n");
        await SendsAsync("OBJECT IDLETIME k", r => r.KeyIdleTimeAsync("k"), (TimeSpan?)null, Null2, Null3);
        await SendsAsync("OBJECT REFCOUNT k", r => r.KeyRefCountAsync("k"), (long?)null, Null2, Null3);
    }

    [Fact]
    public async Task RenamesCopiesAndMoves()
    {
        await SendsAsync("RENAME a b", r => r.KeyRenameAsync("a", "b"), true, Ok);
        await SendsAsync("RENAMENX a b", r => r.KeyRenameAsync("a", "b", When.NotExists), false, ":0\r\n");
        await SendsAsync("COPY a b", r => r.KeyCopyAsync("a", "b"), true, ":1\r\n");
        await SendsAsync("COPY a b DB 2 REPLACE", r => r.KeyCopyAsync("a", "b", replace: true, database: 2), true, ":1\r\n");
        await SendsAsync("MOVE k 3", r => r.KeyMoveAsync("k", 3), true, ":1\r\n");
    }

    [Fact]
    public async Task DumpsAndRestores()
    {
        Assert.Equal("\0\u0001"u8.ToArray(), await ReceivesAsync("DUMP k", r => r.KeyDumpAsync("k"), "$2\r\n\0\u0001\r\n"));
        Assert.Null(await ReceivesAsync("DUMP k", r => r.KeyDumpAsync("k"), Null3));
        await SendsAsync("RESTORE k 0 x", r => r.KeyRestoreAsync("k", "x"u8.ToArray()), true, Ok);
        await SendsAsync("RESTORE k 1500 x REPLACE", r => r.KeyRestoreAsync("k", "x"u8.ToArray(), new() { Expiry = TimeSpan.FromSeconds(1.5), Replace = true }), true, Ok);
        await SendsAsync(
            "RESTORE k 1800000000123 x ABSTTL IDLETIME 30",
            r => r.KeyRestoreAsync("k", "x"u8.ToArray(), new() { Expiry = Moment, IdleTime = TimeSpan.FromSeconds(30) }), true, Ok);
        await SendsAsync("RESTORE k 0 x FREQ 200", r => r.KeyRestoreAsync("k", "x"u8.ToArray(), new() { Frequency = 200 }), true, Ok);
    }

    [Fact]
    public void RefusesBadArguments()
    {
        Refuses<ArgumentNullException>("key", r => r.KeyDeleteAsync(default(RedisKey)));
        Refuses<ArgumentException>("keys", r => r.KeyDeleteAsync(ReadOnlySpan<RedisKey>.Empty));
        Refuses<ArgumentException>("keys", r => r.KeyUnlinkAsync(["a", default]));
        Refuses<ArgumentException>("keys", r => r.KeyExistsAsync(ReadOnlySpan<RedisKey>.Empty));
        Refuses<ArgumentException>("keys", r => r.KeyTouchAsync(ReadOnlySpan<RedisKey>.Empty));
        Refuses<ArgumentException>("expiry", r => r.KeyExpireAsync("k", Expiry.Keep));
        Refuses<ArgumentException>("when", r => r.KeyExpireAsync("k", Expiry.None, ExpireWhen.HasExpiry));
        Refuses<ArgumentOutOfRangeException>("when", r => r.KeyExpireAsync("k", TimeSpan.FromSeconds(1), (ExpireWhen)9));
        Refuses<ArgumentException>("when", r => r.KeyRenameAsync("a", "b", When.Exists));
        Refuses<ArgumentNullException>("newKey", r => r.KeyRenameAsync("a", default));
        Refuses<ArgumentOutOfRangeException>("database", r => r.KeyCopyAsync("a", "b", database: -1));
        Refuses<ArgumentOutOfRangeException>("database", r => r.KeyMoveAsync("a", -1));
        Refuses<ArgumentException>("value", r => r.KeyRestoreAsync("k", default, new() { Expiry = Expiry.Keep }));
        Refuses<ArgumentOutOfRangeException>("value", r => r.KeyRestoreAsync("k", default, new() { Frequency = 256 }));
        Refuses<ArgumentOutOfRangeException>("value", r => r.KeyRestoreAsync("k", default, new() { IdleTime = TimeSpan.FromSeconds(-1) }));
        Assert.Throws<ArgumentException>(() => { new RecordingExecutor(Ok).KeyRestoreAsync("k", default, new() { Frequency = 1, IdleTime = TimeSpan.Zero }); });
    }
}
