// Keys: bytes, however they were given.
using System.Text;
using ClusterClient.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Protocol;

public sealed class RedisKeyTests
{
    [Fact]
    public void AKeyIsItsBytes() =>
        Check.QuickThrowOnFailure(Prop.ForAll<string, string>(static (text, other) =>
        {
            text ??= "";
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            RedisKey[] same = [text, bytes, bytes.AsMemory(), (ReadOnlyMemory<byte>)bytes, new ForeignMemory(text).Memory, new string(text.AsSpan())];
            foreach (RedisKey left in same)
            {
                Assert.Equal(bytes.Length, left.ByteLength);
                Assert.Equal(bytes.Length == 0, left.IsEmpty);
                Assert.False(left.IsNull);
                Assert.Equal(bytes, left.ToArray());
                byte[] copy = new byte[bytes.Length];
                Assert.Equal(bytes.Length, left.CopyTo(copy));
                Assert.Equal(bytes, copy);
                Assert.Equal(text == other, left == other);
                foreach (RedisKey right in same)
                {
                    Assert.True(left == right && left.Equals((object)right) && !(left != right));
                    Assert.Equal(left.GetHashCode(), right.GetHashCode());
                    Assert.Equal(HashSlot.Of(left), HashSlot.Of(right));
                }
            }
        }));

    [Fact]
    public void NullIsNoKeyAndNotTheEmptyOne()
    {
        RedisKey[] nulls = [default, (string?)null, (byte[]?)null];
        foreach (RedisKey key in nulls)
        {
            Assert.True(key.IsNull && key.IsEmpty && key == default && key != "");
            Assert.Null((string?)key);
            Assert.Null((byte[]?)key);
            Assert.Equal("", key.ToString());
            Assert.True(((RedisValue)key).IsNull);
        }
    }

    [Fact]
    public void KeysAreShownAsTextOrEscaped()
    {
        Assert.Equal("user:Ä", ((RedisKey)"user:Ä").ToString());
        Assert.Equal("user:Ä", ((RedisKey)Encoding.UTF8.GetBytes("user:Ä")).ToString());
        Assert.Equal("\"\\xff\\x00a\\\"\"", ((RedisKey)new byte[] { 255, 0, (byte)'a', (byte)'"' }).ToString());
        Assert.Equal("\uFFFDa", (string?)(RedisKey)new byte[] { 255, (byte)'a' });
    }

    [Fact]
    public void KeysAndValuesConvertBothWays()
    {
        RedisKey key = "k";
        RedisValue value = key;
        Assert.Equal("k", value.ToString());
        Assert.Equal(key, (RedisKey)value);
        Assert.Equal("5", ((RedisKey)(RedisValue)5).ToString());
        Assert.Equal((RedisKey)"5", (RedisKey)(RedisValue)5);
        Assert.Equal(HashSlot.Of("12345"), HashSlot.Of((RedisKey)(RedisValue)12345));
    }

    [Theory]
    [InlineData(85)]
    [InlineData(86)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(10_000)]
    public void LongKeysTakeTheSameWay(int length)
    {
        foreach (char c in "aÄ€")
        {
            string text = new(c, length);
            RedisKey key = text, bytes = Encoding.UTF8.GetBytes(text);
            Assert.Equal(key, bytes);
            Assert.Equal(key.GetHashCode(), bytes.GetHashCode());
            Assert.Equal(HashSlot.Of(key), HashSlot.Of(bytes));
            Assert.NotEqual(key, (RedisKey)(text[..^1] + "b"));
        }
    }
}
