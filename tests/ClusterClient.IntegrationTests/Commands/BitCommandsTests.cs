// Every typed bitmap command, at least once, on a real server.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Commands;

[Collection(CommandServerCollection.Name)]
public class BitCommandsTests(CommandServer server)
{
    private readonly RedisClient _redis = server.Redis;
    private readonly RedisKey _key = CommandServer.NewKey();
    private readonly RedisKey _other = CommandServer.NewKey();

    [Fact]
    public async Task ReadsAndWritesBits()
    {
        Assert.False(await _redis.StringSetBitAsync(_key, 9, true));
        Assert.True(await _redis.StringSetBitAsync(_key, 9, true));
        Assert.True(await _redis.StringGetBitAsync(_key, 9));
        Assert.False(await _redis.StringGetBitAsync(_key, 1000));
        Assert.Equal("\0@", await _redis.StringGetAsync(_key));
        Assert.Equal(1, await _redis.StringBitCountAsync(_key));
        Assert.Equal(0, await _redis.StringBitCountAsync(_key, 0, 0));
        Assert.Equal(9, await _redis.StringBitPositionAsync(_key, true));
        Assert.Equal(-1, await _redis.StringBitPositionAsync(_key, true, 0, 0));
        bool bits = server.IsAtLeast("7.0", "7.2") || server.Kind == ServerKind.Garnet;
        await CommandServer.WhereSupportedAsync(bits, () => _redis.StringBitCountAsync(_key, 9, 9, StringIndexType.Bit), count => Assert.Equal(1, count));
        await CommandServer.WhereSupportedAsync(bits, () => _redis.StringBitPositionAsync(_key, true, 5, 20, StringIndexType.Bit), position => Assert.Equal(9, position));
    }

    [Fact]
    public async Task FindsAZeroBehindOnes()
    {
        await _redis.StringSetAsync(_key, new byte[] { 0xff });

        // Garnet 2.2 does not look behind the value.
        Assert.Equal(server.Kind == ServerKind.Garnet ? -1 : 8, await _redis.StringBitPositionAsync(_key, false));
        Assert.Equal(-1, await _redis.StringBitPositionAsync(_key, false, 0, -1));
    }

    [Fact]
    public async Task CombinesBits()
    {
        RedisKey result = CommandServer.NewKey();
        await _redis.StringSetAsync(_key, new byte[] { 0b1100 });
        await _redis.StringSetAsync(_other, new byte[] { 0b1010 });
        foreach ((BitwiseOperation operation, int expected) in new[]
        {
            (BitwiseOperation.And, 0b1000), (BitwiseOperation.Or, 0b1110), (BitwiseOperation.Xor, 0b0110),
        })
        {
            Assert.Equal(1, await _redis.StringBitOperationAsync(operation, result, [_key, _other]));
            Assert.Equal([(byte)expected], (await _redis.StringGetAsync(result)).ToArray()!);
        }

        Assert.Equal(1, await _redis.StringBitOperationAsync(BitwiseOperation.Not, result, [_key]));
        Assert.Equal([0b11110011], (await _redis.StringGetAsync(result)).ToArray()!);
        bool newer = server.IsAtLeast("8.2");
        foreach (BitwiseOperation operation in new[] { BitwiseOperation.Diff1, BitwiseOperation.AndOr, BitwiseOperation.One })
        {
            await CommandServer.WhereSupportedAsync(newer, () => _redis.StringBitOperationAsync(operation, result, [_key, _other]), length => Assert.Equal(1, length));
        }
    }

    [Fact]
    public async Task WorksOnFields()
    {
        BitFieldType u8 = BitFieldType.Unsigned(8);
        Assert.Equal([0], await _redis.StringBitFieldAsync(_key, [BitFieldOperation.Set(u8, 0, 250)]));
        Assert.Equal([4], await _redis.StringBitFieldAsync(_key, [BitFieldOperation.Increment(u8, 0, 10)]));

        // One kind of overflow a call: Garnet 2.2 takes the last for all.
        Assert.Equal([255], await _redis.StringBitFieldAsync(_key, [BitFieldOperation.Increment(u8, 1, 300, isIndex: true, BitFieldOverflow.Saturate)]));
        Assert.Equal([null], await _redis.StringBitFieldAsync(_key, [BitFieldOperation.Increment(u8, 2, 300, isIndex: true, BitFieldOverflow.Fail)]));
        Assert.Equal([5, 255], await _redis.StringBitFieldAsync(_key, [BitFieldOperation.Increment(u8, 0, 1), BitFieldOperation.Get(u8, 8)]));
        Assert.Equal([5, -1], await _redis.StringBitFieldAsync(_key, [BitFieldOperation.Get(u8, 0), BitFieldOperation.Get(BitFieldType.Signed(8), 8)]));
    }
}
