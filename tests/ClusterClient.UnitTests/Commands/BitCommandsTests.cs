// The bitmap commands: bytes sent, replies, arguments refused.
using static ClusterClient.UnitTests.Commands.Wire;

namespace ClusterClient.UnitTests.Commands;

public sealed class BitCommandsTests
{
    [Fact]
    public async Task ReadsAndWritesBits()
    {
        await SendsAsync("GETBIT k 7", r => r.StringGetBitAsync("k", 7), true, ":1\r\n");
        await SendsAsync("SETBIT k 7 1", r => r.StringSetBitAsync("k", 7, true), false, ":0\r\n");
        await SendsAsync("BITCOUNT k", r => r.StringBitCountAsync("k"), 9L, ":9\r\n");
        await SendsAsync("BITCOUNT k 1 2", r => r.StringBitCountAsync("k", 1, 2), 9L, ":9\r\n");
        await SendsAsync("BITCOUNT k 1 2 BIT", r => r.StringBitCountAsync("k", 1, 2, StringIndexType.Bit), 9L, ":9\r\n");
        await SendsAsync("BITPOS k 1", r => r.StringBitPositionAsync("k", true), 3L, ":3\r\n");
        await SendsAsync("BITPOS k 0 2", r => r.StringBitPositionAsync("k", false, 2), -1L, ":-1\r\n");
        await SendsAsync("BITPOS k 0 0 -1", r => r.StringBitPositionAsync("k", false, end: -1), -1L, ":-1\r\n");
        await SendsAsync("BITPOS k 1 2 5 BIT", r => r.StringBitPositionAsync("k", true, 2, 5, StringIndexType.Bit), 3L, ":3\r\n");
    }

    [Theory]
    [InlineData(BitwiseOperation.And, "AND")]
    [InlineData(BitwiseOperation.Or, "OR")]
    [InlineData(BitwiseOperation.Xor, "XOR")]
    [InlineData(BitwiseOperation.Diff, "DIFF")]
    [InlineData(BitwiseOperation.Diff1, "DIFF1")]
    [InlineData(BitwiseOperation.AndOr, "ANDOR")]
    [InlineData(BitwiseOperation.One, "ONE")]
    public Task CombinesBits(BitwiseOperation operation, string word) =>
        SendsAsync($"BITOP {word} d a b", r => r.StringBitOperationAsync(operation, "d", ["a", "b"]), 2L, ":2\r\n");

    [Fact]
    public Task InvertsBits() => SendsAsync("BITOP NOT d a", r => r.StringBitOperationAsync(BitwiseOperation.Not, "d", ["a"]), 2L, ":2\r\n");

    [Fact]
    public async Task WorksOnFields()
    {
        long?[] values = await ReceivesAsync(
            "BITFIELD k GET u8 0 SET i16 #2 -5 OVERFLOW SAT INCRBY u4 3 1 INCRBY u4 4 1 OVERFLOW FAIL INCRBY u63 9 2 OVERFLOW WRAP SET i64 1 1",
            r => r.StringBitFieldAsync(
                "k",
                [
                    BitFieldOperation.Get(BitFieldType.Unsigned(8), 0),
                    BitFieldOperation.Set(BitFieldType.Signed(16), 2, -5, isIndex: true),
                    BitFieldOperation.Increment(BitFieldType.Unsigned(4), 3, 1, overflow: BitFieldOverflow.Saturate),
                    BitFieldOperation.Increment(BitFieldType.Unsigned(4), 4, 1, overflow: BitFieldOverflow.Saturate),
                    BitFieldOperation.Increment(BitFieldType.Unsigned(63), 9, 2, overflow: BitFieldOverflow.Fail),
                    BitFieldOperation.Set(BitFieldType.Signed(64), 1, 1),
                ]),
            "*6\r\n:1\r\n:2\r\n:3\r\n:4\r\n$-1\r\n_\r\n");
        Assert.Equal([1, 2, 3, 4, null, null], values);
        await ReceivesAsync("BITFIELD_RO k GET i5 100", r => r.StringBitFieldAsync("k", [BitFieldOperation.Get(BitFieldType.Signed(5), 100)]), "*1\r\n:7\r\n");
    }

    [Fact]
    public void RefusesBadArguments()
    {
        Refuses<ArgumentOutOfRangeException>("offset", r => r.StringGetBitAsync("k", -1));
        Refuses<ArgumentOutOfRangeException>("offset", r => r.StringSetBitAsync("k", 1L << 40, true));
        Refuses<ArgumentException>("end", r => r.StringBitPositionAsync("k", true, 1, null, StringIndexType.Bit));
        Refuses<ArgumentOutOfRangeException>("indexType", r => r.StringBitCountAsync("k", 1, 2, (StringIndexType)5));
        Refuses<ArgumentException>("keys", r => r.StringBitOperationAsync(BitwiseOperation.Not, "d", ["a", "b"]));
        Refuses<ArgumentException>("keys", r => r.StringBitOperationAsync(BitwiseOperation.Diff, "d", ["a"]));
        Refuses<ArgumentException>("keys", r => r.StringBitOperationAsync(BitwiseOperation.And, "d", []));
        Refuses<ArgumentNullException>("destination", r => r.StringBitOperationAsync(BitwiseOperation.And, default, ["a"]));
        Refuses<ArgumentOutOfRangeException>("operation", r => r.StringBitOperationAsync((BitwiseOperation)50, "d", ["a"]));
        Refuses<ArgumentException>("operations", r => r.StringBitFieldAsync("k", []));
        Refuses<ArgumentException>("operations", r => r.StringBitFieldAsync("k", [default]));
        Assert.Throws<ArgumentOutOfRangeException>("bits", () => BitFieldType.Unsigned(64));
        Assert.Throws<ArgumentOutOfRangeException>("bits", () => BitFieldType.Signed(0));
        Assert.Throws<ArgumentException>("type", () => BitFieldOperation.Get(default, 0));
    }
}
