// Commands on several strings and comparisons: bytes sent, replies of both protocols, arguments refused.
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class StringManyCommandsTests
{
    private static readonly KeyValuePair<RedisKey, RedisValue>[] Pairs = [new("a", 1), new("b", "two")];

    [Fact]
    public async Task GetsManyValuesInOrder()
    {
        RedisValue[] values = await ReceivesAsync("MGET a b c", r => r.StringGetAsync(["a", "b", "c"]), "*3\r\n$1\r\n1\r\n$-1\r\n_\r\n");
        Assert.Equal([1, RedisValue.Null, RedisValue.Null], values);
    }

    [Fact]
    public async Task SetsManyValues()
    {
        await SendsAsync("MSET a 1 b two", r => r.StringSetAsync(Pairs), true, Ok);
        await SendsAsync("MSETNX a 1 b two", r => r.StringSetAsync(Pairs, When.NotExists), true, ":1\r\n");
        await SendsAsync("MSETNX a 1 b two", r => r.StringSetAsync(Pairs, When.NotExists), false, ":0\r\n");
        await SendsAsync("MSETEX 2 a 1 b two XX", r => r.StringSetAsync(Pairs, When.Exists), true, ":1\r\n");
        await SendsAsync("MSETEX 2 a 1 b two NX EX 5", r => r.StringSetAsync(Pairs, When.NotExists, TimeSpan.FromSeconds(5)), false, ":0\r\n");
        await SendsAsync("MSETEX 2 a 1 b two KEEPTTL", r => r.StringSetAsync(Pairs, When.Always, Expiry.Keep), true, ":1\r\n");
    }

    [Fact]
    public async Task ComparesOnTheServer()
    {
        await SendsAsync("DELEX k IFEQ v", r => r.StringDeleteAsync("k", ValueCondition.Equal("v")), true, ":1\r\n");
        await SendsAsync("DELEX k", r => r.StringDeleteAsync("k", ValueCondition.Always), false, ":0\r\n");
        await SendsAsync("DELIFEQ k v", r => r.StringDeleteIfEqualAsync("k", "v"), true, ":1\r\n");
        await SendsAsync("DIGEST k", r => r.StringDigestAsync("k"), "b6acb9d84a38ff74", "$16\r\nb6acb9d84a38ff74\r\n");
        await SendsAsync("DIGEST k", r => r.StringDigestAsync("k"), null, Null2, Null3);
        await SendsAsync("LCS a b", r => r.StringLongestCommonSubsequenceAsync("a", "b"), (RedisValue)"mytext", "$6\r\nmytext\r\n");
        await SendsAsync("LCS a b LEN", r => r.StringLongestCommonSubsequenceLengthAsync("a", "b"), 6L, ":6\r\n");
    }

    [Theory]
    [InlineData("*4\r\n$7\r\nmatches\r\n*2\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n*3\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n:2\r\n$3\r\nlen\r\n:6\r\n")]
    [InlineData("%2\r\n$7\r\nmatches\r\n*2\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n*3\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n:2\r\n$3\r\nlen\r\n:6\r\n")]
    public async Task ShowsWhereTheCommonPartsAre(string reply)
    {
        LcsMatches matches = await ReceivesAsync(
            "LCS a b IDX MINMATCHLEN 2 WITHMATCHLEN", r => r.StringLongestCommonSubsequenceWithMatchesAsync("a", "b", 2), reply);
        Assert.Equal(6, matches.Length);
        Assert.Equal([new LcsMatch(4, 5, 4), new LcsMatch(2, 0, 2)], matches.Matches);
    }

    [Fact]
    public void RefusesBadArguments()
    {
        Refuses<ArgumentException>("keys", r => r.StringGetAsync(ReadOnlySpan<RedisKey>.Empty));
        Refuses<ArgumentException>("keys", r => r.StringGetAsync(["a", default]));
        Refuses<ArgumentException>("values", r => r.StringSetAsync([]));
        Refuses<ArgumentException>("values", r => r.StringSetAsync([new("a", RedisValue.Null)]));
        Refuses<ArgumentException>("values", r => r.StringSetAsync([new(default, 1)], When.Exists));
        Refuses<ArgumentOutOfRangeException>("when", r => r.StringSetAsync(Pairs, (When)7));
        Refuses<ArgumentException>("when", r => r.StringDeleteAsync("k", When.Exists));
        Refuses<ArgumentOutOfRangeException>("minimumLength", r => r.StringLongestCommonSubsequenceWithMatchesAsync("a", "b", -1));
    }
}
