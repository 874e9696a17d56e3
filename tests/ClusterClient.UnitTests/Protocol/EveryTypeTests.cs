// Every RESP type, cut at every byte: the scanner asks for more until the frame is whole, the reader gives what was sent.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Protocol;

public sealed class EveryTypeTests
{
    public static TheoryData<string, string> Frames => new()
    {
        { "+OK\r\n", "OK" },
        { "+\r\n", "" },
        { "-ERR no\r\n", "(error) ERR no" },
        { ":0\r\n", "(integer) 0" },
        { ":-12\r\n", "(integer) -12" },
        { ":+7\r\n", "(integer) 7" },
        { ":9223372036854775807\r\n", "(integer) 9223372036854775807" },
        { ":-9223372036854775808\r\n", "(integer) -9223372036854775808" },
        { "$3\r\nabc\r\n", "\"abc\"" },
        { "$0\r\n\r\n", "\"\"" },
        { "$2\r\n\r\n\r\n", "\"\\r\\n\"" },
        { "$-1\r\n", "(nil)" },
        { "*-1\r\n", "(nil)" },
        { "_\r\n", "(nil)" },
        { ",1.5\r\n", "(double) 1.5" },
        { ",inf\r\n", "(double) inf" },
        { ",-inf\r\n", "(double) -inf" },
        { ",nan\r\n", "(double) nan" },
        { ",1e300\r\n", "(double) 1E+300" },
        { "#t\r\n", "(true)" },
        { "#f\r\n", "(false)" },
        { "!10\r\nSYNTAX a\r\n\r\n", "(error) SYNTAX a\r\n" },
        { "=6\r\ntxt:hi\r\n", "hi" },
        { "(3492890328409238509324850943850943825024385\r\n", "(big number) 3492890328409238509324850943850943825024385" },
        { "*0\r\n", "(empty array)" },
        { "%0\r\n", "(empty map)" },
        { "~0\r\n", "(empty set)" },
        { "*2\r\n:1\r\n*2\r\n+a\r\n$1\r\nb\r\n", "1) (integer) 1\n2) 1) a\n   2) \"b\"" },
        { "%2\r\n+a\r\n:1\r\n+b\r\n_\r\n", "1# a => (integer) 1\n2# b => (nil)" },
        { "~2\r\n+a\r\n:1\r\n", "1~ a\n2~ (integer) 1" },
        { ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n", "1) invalidate\n2) 1) \"k\"" },
        { "|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n", "\"v\"" },
        { "*2\r\n|1\r\n+a\r\n*1\r\n:1\r\n:5\r\n:6\r\n", "1) (integer) 5\n2) (integer) 6" },
        { "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;2\r\nld\r\n;0\r\n", "\"Hello world\"" },
        { "$?\r\n;0\r\n", "\"\"" },
        { "*?\r\n:1\r\n*?\r\n:2\r\n.\r\n%?\r\n+k\r\n+v\r\n.\r\n.\r\n", "1) (integer) 1\n2) 1) (integer) 2\n3) 1# k => v" },
        { "~?\r\n.\r\n", "(empty set)" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void AFrameIsWholeExactlyAtItsLastByte(string frame, string rendered)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(frame);
        var resumed = new RespFrameScanner(RespLimits.Default);
        for (int length = 0; length < bytes.Length; length++)
        {
            var fresh = new RespFrameScanner(RespLimits.Default);
            Assert.False(fresh.TryScan(bytes.AsSpan(0, length), out _));
            Assert.False(resumed.TryScan(bytes.AsSpan(0, length), out _));
            Assert.InRange(resumed.NeededLength, 1, bytes.Length);
        }

        Assert.True(resumed.TryScan(bytes, out int end));
        Assert.Equal(bytes.Length, end);
        Assert.True(resumed.TryScan([.. bytes, .. bytes], out end));
        Assert.Equal(bytes.Length, end);

        var reader = new RespReader(bytes);
        Assert.True(reader.Read());
        Assert.Equal(rendered, reader.ReadTree().ToString());
        Assert.False(reader.Read());
    }
}
