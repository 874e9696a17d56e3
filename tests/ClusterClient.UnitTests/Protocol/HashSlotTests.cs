// Hash slots: the cluster specification's checksum and its rule for hash tags.
using System.Text;
using ClusterClient.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Protocol;

public sealed class HashSlotTests
{
    [Theory]
    [InlineData("123456789", 0x31C3)]
    [InlineData("", 0)]
    [InlineData("A", 0x58E5)]
    public void KnownChecksums(string text, int expected) => Assert.Equal(expected, Crc16.Compute(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void TheChecksumIsThatOfTheDefinitionForEveryLength() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[]>(static bytes =>
        {
            Assert.Equal(BitByBit(bytes), Crc16.Compute(bytes));
            byte[] longer = [.. bytes, .. bytes, .. bytes, .. bytes, 1];
            Assert.Equal(BitByBit(longer), Crc16.Compute(longer));
        }));

    // Slots of a real server's CLUSTER KEYSLOT.
    [Theory]
    [InlineData("foo", 12182)]
    [InlineData("bar", 5061)]
    [InlineData("hello", 866)]
    [InlineData("{user1000}.following", 3443)]
    [InlineData("{user1000}.followers", 3443)]
    [InlineData("foo{}{bar}", 8363)]
    [InlineData("foo{{bar}}zap", 4015)]
    [InlineData("foo{bar}{zap}", 5061)]
    public void KnownSlots(string key, int slot) => Assert.Equal(slot, HashSlot.Of(key));

    [Theory]
    [InlineData("{a}", "a")]
    [InlineData("{a}b", "a")]
    [InlineData("b{a}", "a")]
    [InlineData("x{a}{b}", "a")]
    [InlineData("{{a}}", "{a")]
    [InlineData("}{a}", "a")]
    [InlineData("}a{b}", "b")]
    [InlineData("{a}}", "a")]
    [InlineData("{ }", " ")]
    [InlineData("{\0}x", "\0")]
    [InlineData("{", "{")]
    [InlineData("}", "}")]
    [InlineData("{}", "{}")]
    [InlineData("{}{a}", "{}{a}")]
    [InlineData("a{}b", "a{}b")]
    [InlineData("{a", "{a")]
    [InlineData("a}", "a}")]
    [InlineData("}{", "}{")]
    [InlineData("a}b{c", "a}b{c")]
    [InlineData("", "")]
    public void OnlyTheFirstTagCountsAndOnlyIfItIsNotEmpty(string key, string hashed)
    {
        int expected = BitByBit(Encoding.UTF8.GetBytes(hashed)) % HashSlot.Count;
        Assert.Equal(expected, HashSlot.Of(key));
        Assert.Equal(expected, HashSlot.Of(Encoding.UTF8.GetBytes(key)));
        Assert.Equal(expected, HashSlot.Of((RedisKey)Encoding.UTF8.GetBytes(key)));
    }

    [Fact]
    public void ANullKeyCountsAsEmpty() => Assert.Equal(0, HashSlot.Of(default(RedisKey)));

    private static int BitByBit(byte[] bytes)
    {
        int crc = 0;
        foreach (byte b in bytes)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                bool carry = ((crc >> 15) & 1) != ((b >> bit) & 1);
                crc = ((crc << 1) & 0xFFFF) ^ (carry ? 0x1021 : 0);
            }
        }

        return crc;
    }
}
