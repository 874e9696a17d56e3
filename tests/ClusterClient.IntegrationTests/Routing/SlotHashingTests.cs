// The client's hash slots against the servers' own.
using System.Text;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Routing;

[Trait("Suite", "Routing")]
public sealed class SlotHashingTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly LocalCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Random_keys_binary_ones_included_hash_as_the_server_hashes_them()
    {
        await using RedisClient redis = await RedisClient.ConnectAsync(_cluster.ConnectionString);
        Random random = new(20261121);
        byte[] alphabet = "{}{}{}ab\0\r\n\xff"u8.ToArray();
        for (int i = 0; i < 500; i++)
        {
            byte[] key = new byte[random.Next(0, 40)];
            random.NextBytes(key);

            // Half of the keys are made of braces and little else, where the hash-tag rule has its edges.
            if (i % 2 == 0) key = [.. key.Select(b => alphabet[b % alphabet.Length])];
            RespValue slot = await redis.ExecuteAsync("CLUSTER", "KEYSLOT", key);
            Assert.True(slot.AsInt64() == HashSlot.Of(key), $"{Convert.ToHexString(key)}: the server says {slot}, the client {HashSlot.Of(key)}");
        }
    }

    [Theory]
    [InlineData("{user1000}.following")]
    [InlineData("foo{}{bar}")]
    [InlineData("foo{{bar}}zap")]
    [InlineData("foo{bar}{zap}")]
    [InlineData("{")]
    [InlineData("}{")]
    [InlineData("ключ{тег}")]
    public async Task Every_edge_of_the_hash_tag_rule_agrees(string key)
    {
        await using RedisClient redis = await RedisClient.ConnectAsync(_cluster.ConnectionString);
        Assert.Equal((await redis.ExecuteAsync("CLUSTER", "KEYSLOT", key)).AsInt64(), HashSlot.Of(key));
        Assert.Equal(HashSlot.Of(Encoding.UTF8.GetBytes(key)), HashSlot.Of(key));
    }
}
