// Every typed string command, at least once, on a real server.
using System.Text;

namespace ClusterClient.IntegrationTests.Commands;

[Collection(CommandServerCollection.Name)]
public class StringCommandsTests(CommandServer server)
{
    private readonly RedisClient _redis = server.Redis;
    private readonly RedisKey _key = CommandServer.NewKey();
    private readonly RedisKey _other = CommandServer.NewKey();

    [Fact]
    public async Task SetsAndGets()
    {
        Assert.True((await _redis.StringGetAsync(_key)).IsNull);
        Assert.Null(await _redis.StringGetTextAsync(_key));
        Assert.Null(await _redis.StringGetAsync<int>(_key));
        using (Lease missing = await _redis.StringGetLeaseAsync(_key)) Assert.True(missing.IsNull);

        Assert.True(await _redis.StringSetAsync(_key, "Ada Lövelace"));
        Assert.Equal("Ada Lövelace", await _redis.StringGetAsync(_key));
        Assert.Equal("Ada Lövelace", await _redis.StringGetTextAsync(_key));
        using (Lease lease = await _redis.StringGetLeaseAsync(_key)) Assert.Equal("Ada Lövelace"u8, lease.Span);
        await Assert.ThrowsAsync<UnexpectedReplyException>(async () => await _redis.StringGetAsync<int>(_key));

        byte[] binary = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        await _redis.StringSetAsync(_key, binary);
        Assert.Equal(binary, (byte[]?)await _redis.StringGetAsync(_key));
        await _redis.StringSetAsync(_key, RedisValue.EmptyString);
        Assert.Equal("", await _redis.StringGetTextAsync(_key));
        await _redis.StringSetAsync(_key, -5);
        Assert.Equal(-5, await _redis.StringGetAsync<int>(_key));
        Guid id = Guid.NewGuid();
        await _redis.StringSetAsync(_key, id.ToString());
        Assert.Equal(id, await _redis.StringGetAsync<Guid>(_key));
    }

    [Fact]
    public async Task SetsWithAnExpiry()
    {
        await _redis.StringSetAsync(_key, "v", TimeSpan.FromMinutes(5));
        Assert.InRange((await _redis.KeyTimeToLiveAsync(_key))!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        await _redis.StringSetAsync(_key, "w", Expiry.Keep);
        Assert.NotNull(await _redis.KeyTimeToLiveAsync(_key));
        await _redis.StringSetAsync(_key, "x");
        Assert.Null(await _redis.KeyTimeToLiveAsync(_key));
        await _redis.StringSetAsync(_key, "v", Expiry.In(TimeSpan.FromMilliseconds(90_001)));
        Assert.InRange(await _redis.KeyTimeToLiveMillisecondsAsync(_key), 60_000, 90_001);
        await CommandServer.WhereSupportedAsync(
            server.IsAtLeast("6.2", "7.2"), () => _redis.StringSetAsync(_key, "v", DateTimeOffset.UtcNow.AddMinutes(3)), Assert.True);
    }

    [Fact]
    public async Task SetsUnderConditions()
    {
        Assert.False(await _redis.StringSetAsync(_key, "v", When.Exists));
        Assert.True(await _redis.StringSetAsync(_key, "v", When.NotExists));
        Assert.False(await _redis.StringSetAsync(_key, "w", TimeSpan.FromMinutes(1), When.NotExists));
        Assert.True(await _redis.StringSetAsync(_key, "w", TimeSpan.FromMinutes(1), When.Exists));
        Assert.Equal("w", await _redis.StringSetAndGetAsync(_key, "x"));
        Assert.Equal("x", await _redis.StringGetAsync(_key));
    }

    [Fact]
    public async Task ComparesAndSets()
    {
        await _redis.StringSetAsync(_key, "old");
        bool equal = server.IsAtLeast("8.4", "8.1");
        bool others = server.IsAtLeast("8.4");
        await CommandServer.WhereSupportedAsync(equal, () => _redis.StringSetAsync(_key, "new", ValueCondition.Equal("other")), Assert.False);
        await CommandServer.WhereSupportedAsync(equal, () => _redis.StringSetAsync(_key, "new", ValueCondition.Equal("old")), Assert.True);
        await CommandServer.WhereSupportedAsync(others, () => _redis.StringSetAsync(_key, "newer", ValueCondition.NotEqual("old")), Assert.True);

        await server.WhereKnownAsync("DELIFEQ", () => _redis.StringDeleteIfEqualAsync(_key, "nothing"), Assert.False);
        await server.WhereKnownAsync("DIGEST", () => _redis.StringDigestAsync(_key), digest => Assert.Equal(16, digest!.Length));
        await server.WhereKnownAsync("DELEX", () => _redis.StringDeleteAsync(_key, ValueCondition.Equal("nothing")), Assert.False);
    }

    [Fact]
    public async Task GetsAndChanges()
    {
        await _redis.StringSetAsync(_key, "v");
        await server.WhereKnownAsync("GETEX", () => _redis.StringGetSetExpiryAsync(_key, TimeSpan.FromMinutes(1)), value => Assert.Equal("v", value));
        Assert.NotNull(await _redis.KeyTimeToLiveAsync(_key));
        await server.WhereKnownAsync("GETEX", () => _redis.StringGetSetExpiryAsync(_key, Expiry.Keep), value => Assert.Equal("v", value));
        Assert.NotNull(await _redis.KeyTimeToLiveAsync(_key));
        await server.WhereKnownAsync("GETEX", () => _redis.StringGetSetExpiryAsync(_key, Expiry.None), value => Assert.Equal("v", value));
        Assert.Null(await _redis.KeyTimeToLiveAsync(_key));
        await server.WhereKnownAsync("GETDEL", () => _redis.StringGetDeleteAsync(_key), value => Assert.Equal("v", value));
        Assert.False(await _redis.KeyExistsAsync(_key));
    }

    [Fact]
    public async Task Counts()
    {
        Assert.Equal(1, await _redis.StringIncrementAsync(_key));
        Assert.Equal(11, await _redis.StringIncrementAsync(_key, 10));
        Assert.Equal(10, await _redis.StringDecrementAsync(_key));
        Assert.Equal(7, await _redis.StringDecrementAsync(_key, 3));
        Assert.Equal(7.5, await _redis.StringIncrementAsync(_key, 0.5));
        Assert.Equal(7.25, await _redis.StringDecrementAsync(_key, 0.25));
        Assert.Equal(7.25, await _redis.StringGetAsync<double>(_key));
        var failure = await Assert.ThrowsAsync<RedisServerException>(async () => await _redis.StringIncrementAsync(_key));
        Assert.Equal("ERR", failure.Code);
    }

    [Fact]
    public async Task WorksOnParts()
    {
        Assert.Equal(5, await _redis.StringAppendAsync(_key, "Hello"));
        Assert.Equal(11, await _redis.StringAppendAsync(_key, " World"));
        Assert.Equal(11, await _redis.StringLengthAsync(_key));
        Assert.Equal("World", await _redis.StringGetRangeAsync(_key, -5, -1));
        Assert.Equal(11, await _redis.StringSetRangeAsync(_key, 6, "Redis"));
        Assert.Equal("Hello Redis", await _redis.StringGetAsync(_key));
        Assert.Equal(0, await _redis.StringLengthAsync(_other));
        Assert.Equal("", Encoding.UTF8.GetString((byte[]?)await _redis.StringGetRangeAsync(_other, 0, -1) ?? []));
    }

    [Fact]
    public async Task WorksOnSeveralKeys()
    {
        Assert.True(await _redis.StringSetAsync([new(_key, 1), new(_other, "two")]));
        Assert.Equal([1, RedisValue.Null, "two"], await _redis.StringGetAsync([_key, CommandServer.NewKey(), _other]));
        Assert.False(await _redis.StringSetAsync([new(_key, 2), new(CommandServer.NewKey(), 2)], When.NotExists));
        Assert.True(await _redis.StringSetAsync([new(CommandServer.NewKey(), 2)], When.NotExists));
        await server.WhereKnownAsync("MSETEX", () => _redis.StringSetAsync([new(_key, 3), new(_other, 4)], When.Exists, TimeSpan.FromMinutes(1)), Assert.True);
    }

    [Fact]
    public async Task FindsCommonSubsequences()
    {
        await _redis.StringSetAsync([new(_key, "ohmytext"), new(_other, "mynewtext")]);
        await server.WhereKnownAsync("LCS", () => _redis.StringLongestCommonSubsequenceAsync(_key, _other), common => Assert.Equal("mytext", common));
        await server.WhereKnownAsync("LCS", () => _redis.StringLongestCommonSubsequenceLengthAsync(_key, _other), length => Assert.Equal(6, length));
        await server.WhereKnownAsync("LCS", () => _redis.StringLongestCommonSubsequenceWithMatchesAsync(_key, _other, 4), matches =>
        {
            Assert.Equal(6, matches.Length);
            Assert.Equal([new LcsMatch(4, 5, 4)], matches.Matches);
        });
    }
}
