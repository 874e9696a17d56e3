// The string commands: bytes sent, replies of both protocols, arguments refused.
using ClusterClient.Protocol;
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class StringCommandsTests
{
    private static readonly DateTimeOffset Moment = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123);

    [Fact]
    public async Task GetsOneValue()
    {
        await SendsAsync("GET k", r => r.StringGetAsync("k"), (RedisValue)"v", "$1\r\nv\r\n", "+v\r\n", "=5\r\ntxt:v\r\n");
        await SendsAsync("GET k", r => r.StringGetAsync("k"), RedisValue.Null, Null2, Null3);
        await SendsAsync("GET k", r => r.StringGetTextAsync("k"), "é", "$2\r\n\u00c3\u00a9\r\n");
        await SendsAsync("GET k", r => r.StringGetTextAsync("k"), null, Null2, Null3);
        await SendsAsync("GET k", r => r.StringGetAsync<int>("k"), 42, "$2\r\n42\r\n");
        await SendsAsync("GET k", r => r.StringGetAsync<int>("k"), (int?)null, Null2, Null3);
        await SendsAsync("GET k", r => r.StringGetAsync<double>("k"), 1.5, "$3\r\n1.5\r\n");
        await SendsAsync("GET k", r => r.StringGetAsync<Tag>("k"), new Tag("blue"), "$4\r\nblue\r\n");
        await SendsAsync("GET k", r => r.StringGetAsync<Tag>("k"), null, Null2, Null3);
    }

    [Fact]
    public async Task GetsALease()
    {
        using Lease lease = await ReceivesAsync("GET k", r => r.StringGetLeaseAsync("k"), "$5\r\nhello\r\n");
        Assert.Equal("hello"u8, lease.Span);
        Assert.True((await ReceivesAsync("GET k", r => r.StringGetLeaseAsync("k"), Null2)).IsNull);
        Assert.True((await ReceivesAsync("GET k", r => r.StringGetLeaseAsync("k"), Null3)).IsNull);
        await Assert.ThrowsAsync<UnexpectedReplyException>(async () => await ReceivesAsync("GET k", r => r.StringGetLeaseAsync("k"), "*0\r\n"));
    }

    [Fact]
    public async Task SaysWhatCannotBeParsedWithoutShowingIt()
    {
        var failure = await Assert.ThrowsAsync<UnexpectedReplyException>(
            async () => await ReceivesAsync("GET k", r => r.StringGetAsync<int>("k"), "$6\r\nsecret\r\n"));
        Assert.Contains("6 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Int32", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetsWithEveryOption()
    {
        await SendsAsync("SET k v", r => r.StringSetAsync("k", "v"), true, Ok);
        await SendsAsync("SET k v", r => r.StringSetAsync("k", "v", Expiry.None), true, Ok);
        await SendsAsync("SET k v EX 60", r => r.StringSetAsync("k", "v", TimeSpan.FromMinutes(1)), true, Ok);
        await SendsAsync("SET k v PX 1500", r => r.StringSetAsync("k", "v", Expiry.In(TimeSpan.FromSeconds(1.5))), true, Ok);
        await SendsAsync("SET k v PX 1", r => r.StringSetAsync("k", "v", Expiry.In(TimeSpan.FromTicks(1))), true, Ok);
        await SendsAsync("SET k v PXAT 1800000000123", r => r.StringSetAsync("k", "v", Moment), true, Ok);
        await SendsAsync("SET k v EXAT 1800000000", r => r.StringSetAsync("k", "v", Expiry.At(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000))), true, Ok);
        await SendsAsync("SET k v KEEPTTL", r => r.StringSetAsync("k", "v", Expiry.Keep), true, Ok);
        await SendsAsync("SET k v NX", r => r.StringSetAsync("k", "v", When.NotExists), true, Ok);
        await SendsAsync("SET k v NX", r => r.StringSetAsync("k", "v", When.NotExists), false, Null2, Null3);
        await SendsAsync("SET k v XX EX 5", r => r.StringSetAsync("k", "v", TimeSpan.FromSeconds(5), When.Exists), true, Ok);
        await SendsAsync("SET k v IFEQ old KEEPTTL", r => r.StringSetAsync("k", "v", Expiry.Keep, ValueCondition.Equal("old")), true, Ok);
        await SendsAsync("SET k v IFNE old", r => r.StringSetAsync("k", "v", ValueCondition.NotEqual("old")), false, Null2);
        await SendsAsync("SET k v IFDEQ 00ff", r => r.StringSetAsync("k", "v", ValueCondition.DigestEqual("00ff")), true, Ok);
        await SendsAsync("SET k v IFDNE 00ff", r => r.StringSetAsync("k", "v", ValueCondition.DigestNotEqual("00ff")), true, Ok);
        await SendsAsync("SET k v GET", r => r.StringSetAndGetAsync("k", "v"), (RedisValue)"old", "$3\r\nold\r\n");
        await SendsAsync("SET k v NX GET PX 7", r => r.StringSetAndGetAsync("k", "v", TimeSpan.FromMilliseconds(7), When.NotExists), RedisValue.Null, Null2, Null3);
    }

    [Fact]
    public async Task OnlyAPlainSetIsIdempotent()
    {
        var redis = new RecordingExecutor(Ok);
        await redis.StringSetAsync("k", "v");
        Assert.True(redis.Info!.Is(CommandFlags.Idempotent));
        await redis.StringSetAsync("k", "v", When.NotExists);
        Assert.False(redis.Info!.Is(CommandFlags.Idempotent));
    }

    [Fact]
    public async Task GetsAndChangesTheExpiry()
    {
        await SendsAsync("GETEX k PERSIST", r => r.StringGetSetExpiryAsync("k", Expiry.None), (RedisValue)"v", "$1\r\nv\r\n");
        await SendsAsync("GETEX k", r => r.StringGetSetExpiryAsync("k", Expiry.Keep), RedisValue.Null, Null2, Null3);
        await SendsAsync("GETEX k EX 9", r => r.StringGetSetExpiryAsync("k", TimeSpan.FromSeconds(9)), (RedisValue)"v", "$1\r\nv\r\n");
        await SendsAsync("GETDEL k", r => r.StringGetDeleteAsync("k"), (RedisValue)"v", "$1\r\nv\r\n");
    }

    [Fact]
    public async Task Counts()
    {
        await SendsAsync("INCR k", r => r.StringIncrementAsync("k"), 5L, ":5\r\n");
        await SendsAsync("INCRBY k -3", r => r.StringIncrementAsync("k", -3), 2L, ":2\r\n");
        await SendsAsync("INCRBYFLOAT k 0.5", r => r.StringIncrementAsync("k", 0.5), 3.25, "$4\r\n3.25\r\n", ",3.25\r\n");
        await SendsAsync("DECR k", r => r.StringDecrementAsync("k"), -1L, ":-1\r\n");
        await SendsAsync("DECRBY k 4", r => r.StringDecrementAsync("k", 4), -5L, ":-5\r\n");
        await SendsAsync("INCRBYFLOAT k -0.5", r => r.StringDecrementAsync("k", 0.5), 3.0, "$1\r\n3\r\n");
    }

    [Fact]
    public async Task WorksOnParts()
    {
        await SendsAsync("APPEND k v", r => r.StringAppendAsync("k", "v"), 3L, ":3\r\n");
        await SendsAsync("STRLEN k", r => r.StringLengthAsync("k"), 3L, ":3\r\n");
        await SendsAsync("GETRANGE k 0 -1", r => r.StringGetRangeAsync("k", 0, -1), (RedisValue)"abc", "$3\r\nabc\r\n");
        await SendsAsync("SETRANGE k 6 x", r => r.StringSetRangeAsync("k", 6, "x"), 7L, ":7\r\n");
    }

    [Fact]
    public void RefusesBadArguments()
    {
        Refuses<ArgumentNullException>("key", r => r.StringGetAsync(default(RedisKey)));
        Refuses<ArgumentNullException>("key", r => r.StringSetAsync(default(RedisKey), "v"));
        Refuses<ArgumentNullException>("value", r => r.StringSetAsync("k", RedisValue.Null));
        Refuses<ArgumentNullException>("value", r => r.StringSetAsync("k", RedisValue.Null, Expiry.Keep));
        Refuses<ArgumentOutOfRangeException>("time", r => r.StringSetAsync("k", "v", TimeSpan.Zero));
        Refuses<ArgumentOutOfRangeException>("time", r => r.StringSetAsync("k", "v", TimeSpan.FromSeconds(-1)));
        Refuses<ArgumentOutOfRangeException>("moment", r => r.StringSetAsync("k", "v", DateTimeOffset.UnixEpoch));
        Refuses<ArgumentOutOfRangeException>("when", r => r.StringSetAsync("k", "v", (When)9));
        Refuses<ArgumentNullException>("value", r => r.StringSetAsync("k", "v", ValueCondition.Equal(RedisValue.Null)));
        Refuses<ArgumentOutOfRangeException>("offset", r => r.StringSetRangeAsync("k", -1, "v"));
        Refuses<ArgumentOutOfRangeException>("value", r => r.StringIncrementAsync("k", double.NaN));
        Refuses<ArgumentOutOfRangeException>("value", r => r.StringDecrementAsync("k", double.PositiveInfinity));
    }

    [Fact]
    public async Task PassesTheTokenOn()
    {
        using var source = new CancellationTokenSource();
        var redis = new RecordingExecutor(Ok);
        await redis.StringSetAsync("k", "v", source.Token);
        Assert.Equal(source.Token, redis.Token);
        await redis.StringSetAsync("k", "v", TimeSpan.FromSeconds(1), When.Exists, source.Token);
        Assert.Equal(source.Token, redis.Token);
    }

    private sealed record Tag(string Name) : IUtf8SpanParsable<Tag>
    {
        public static Tag Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => new(System.Text.Encoding.UTF8.GetString(utf8Text));

        public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out Tag result)
        {
            result = Parse(utf8Text, provider);
            return true;
        }
    }
}
