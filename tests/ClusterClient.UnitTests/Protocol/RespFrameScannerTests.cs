// What the scanner refuses, how it resumes, and what it says about frames that have not all come.
using System.Diagnostics;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Protocol;

public sealed class RespFrameScannerTests
{
    [Theory]
    [InlineData("$x\r\n", "no valid length")]
    [InlineData("$5x\r\n", "no CRLF")]
    [InlineData("$\r\n", "no valid length")]
    [InlineData("$\r\n\r\n", "no valid length")]
    [InlineData("$-2\r\n", "no valid length")]
    [InlineData("$-\r\n", "no valid length")]
    [InlineData("$+5\r\n", "no valid length")]
    [InlineData("$ 5\r\n", "no valid length")]
    [InlineData("$5\n", "no CRLF")]
    [InlineData("$5\r\r", "no CRLF")]
    [InlineData("$-1x", "no CRLF")]
    [InlineData("$?x", "no CRLF")]
    [InlineData("$1\r\nabc", "no CRLF")]
    [InlineData("$1\r\na\r\r", "no CRLF")]
    [InlineData("$99999999999\r\n", "beyond any limit")]
    [InlineData("!-1\r\n", "no valid length")]
    [InlineData("=-1\r\n", "no valid length")]
    [InlineData("=?\r\n", "no valid length")]
    [InlineData("=3\r\ntxt\r\n", "without its format")]
    [InlineData("=5\r\ntxt-a\r\n", "without its format")]
    [InlineData("%-1\r\n", "no valid length")]
    [InlineData("~-1\r\n", "no valid length")]
    [InlineData(">-1\r\n", "no valid length")]
    [InlineData(">?\r\n", "no valid length")]
    [InlineData("|?\r\n", "no valid length")]
    [InlineData("*-", null)]
    [InlineData("+a\rb\r\n", "no CRLF")]
    [InlineData(":\r\n", "not of its type")]
    [InlineData(":-\r\n", "not of its type")]
    [InlineData(":1.5\r\n", "not of its type")]
    [InlineData(":9223372036854775808\r\n", "not of its type")]
    [InlineData(":1\0\r\n", "not of its type")]
    [InlineData(",\r\n", "not of its type")]
    [InlineData(",.\r\n", "not of its type")]
    [InlineData(",1e\r\n", "not of its type")]
    [InlineData(",0x1\r\n", "not of its type")]
    [InlineData(",1,5\r\n", "not of its type")]
    [InlineData(", 1\r\n", "not of its type")]
    [InlineData("#\r\n", "not of its type")]
    [InlineData("#true\r\n", "not of its type")]
    [InlineData("_x\r\n", "not of its type")]
    [InlineData("(\r\n", "not of its type")]
    [InlineData("(12a\r\n", "not of its type")]
    [InlineData("$?\r\n$1\r\na\r\n", "go on with ';'")]
    [InlineData("$?\r\n;-1\r\n", "no valid length")]
    [InlineData("$?\r\n;?\r\n", "no valid length")]
    [InlineData("%?\r\n:1\r\n.\r\n", "end of a streamed aggregate")]
    [InlineData("*?\r\n|1\r\n:1\r\n:2\r\n.\r\n", "end of a streamed aggregate")]
    [InlineData("*?\r\n|0\r\n.\r\n", "end of a streamed aggregate")]
    [InlineData("*1\r\n.\r\n", "end of a streamed aggregate")]
    [InlineData(".\r\n", "end of a streamed aggregate")]
    [InlineData(";1\r\na\r\n", "0x3b starts no RESP type")]
    [InlineData("*?\r\n.x", "no CRLF")]
    [InlineData("*1\r\n>1\r\n:1\r\n", "push inside")]
    [InlineData("|1\r\n+a\r\n>1\r\n:1\r\n", "push inside")]
    [InlineData("\0", "0x00 starts no RESP type")]
    [InlineData("PONG\r\n", "0x50 starts no RESP type")]
    [InlineData("*2\r\n:1\r\nx", "at byte 8")]
    public void MalformedBytesAreRefused(string frame, string? problem)
    {
        if (problem is null)
        {
            Assert.Equal(-1, Scan.Length(Scan.Bytes(frame)));
            return;
        }

        Assert.Contains(problem, Scan.Failure(frame), StringComparison.Ordinal);
        ResumedAfterEveryByteItIsRefusedToo(frame);
    }

    private static void ResumedAfterEveryByteItIsRefusedToo(string frame)
    {
        byte[] bytes = Scan.Bytes(frame);
        Assert.Throws<RedisProtocolException>(() =>
        {
            var scanner = new RespFrameScanner(RespLimits.Default);
            for (int length = 1; length <= bytes.Length; length++)
            {
                Assert.False(scanner.TryScan(bytes.AsSpan(0, length), out _));
            }
        });
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "HTTP")]
    [InlineData("<html>", "HTTP")]
    [InlineData("\x15\x03\x01\x00\x02\x02\x16", "TLS")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n", "SSH")]
    [InlineData("220 mail ESMTP\r\n", "is the peer a Redis?")]
    public void AnotherProtocolIsNamed(string greeting, string hint) =>
        Assert.Contains(hint, Scan.Failure(greeting), StringComparison.Ordinal);

    [Fact]
    public void AnErrorShowsTheOffendingBytesEscapedAndBounded()
    {
        string message = Scan.Failure("$x\r\n\u0001\"" + new string('z', 100));
        Assert.Contains("\"$x\\r\\n\\x01\\\"zzz", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 50, 200);
    }

    [Theory]
    [InlineData("$11\r\n")]
    [InlineData("!11\r\n")]
    [InlineData("$?\r\n;6\r\n123456\r\n;5\r\n")]
    [InlineData("*3\r\n")]
    [InlineData("%2\r\n")]
    [InlineData("|2\r\n")]
    [InlineData("+123456789")]
    [InlineData("-123456789\r\n")]
    [InlineData("(123456789\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n")]
    [InlineData("*?\r\n*1\r\n|1\r\n")]
    [InlineData("*1\r\n*1\r\n$?\r\n")]
    public void LimitsHoldAsSoonAsTheHeaderIsThere(string frame)
    {
        var limits = new RespLimits { MaxBulkLength = 10, MaxAggregateLength = 2, MaxLineLength = 8, MaxDepth = 2 };
        Assert.Contains("over the limit", Scan.Failure(frame, limits), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsJustWithinTheLimitsPasses()
    {
        var limits = new RespLimits { MaxBulkLength = 10, MaxAggregateLength = 2, MaxLineLength = 8, MaxDepth = 2 };
        byte[] frame = Scan.Bytes("*2\r\n$10\r\n1234567890\r\n*2\r\n+12345678\r\n-12345678\r\n");
        Assert.Equal(frame.Length, Scan.Length(frame, limits));
    }

    [Fact]
    public void AFrameHasALimitOfItsOwn()
    {
        var limits = new RespLimits { MaxFrameLength = 20 };
        Assert.Equal(19, Scan.Length(Scan.Bytes("*1\r\n$9\r\n123456789\r\n"), limits));
        Assert.Contains("MaxFrameLength", Scan.Failure("*1\r\n$90\r\n", limits), StringComparison.Ordinal);
        Assert.Contains("MaxFrameLength", Scan.Failure("|0\r\n|0\r\n|0\r\n|0\r\n|0\r\n|0\r\n", limits), StringComparison.Ordinal);
    }

    [Fact]
    public void NumberLinesAreShort()
    {
        Assert.Contains("over the limit", Scan.Failure(":" + new string('0', 65)), StringComparison.Ordinal);
        Assert.Contains("over the limit", Scan.Failure("," + new string('0', 65)), StringComparison.Ordinal);
        Assert.Contains("beyond any limit", Scan.Failure("$" + new string('0', 65)), StringComparison.Ordinal);
        Assert.Equal(7, Scan.Length(Scan.Bytes("$001\r\nx\r\n")) - 2);
    }

    [Fact]
    public void TheNeededLengthFollowsWhatIsKnown()
    {
        byte[] frame = Scan.Bytes("*2\r\n$5\r\nhello\r\n$100\r\n" + new string('x', 100) + "\r\n");
        var scanner = new RespFrameScanner(RespLimits.Default);
        Assert.Equal(1, scanner.NeededLength);
        Assert.False(scanner.TryScan(frame.AsSpan(0, 8), out _));
        Assert.Equal(15, scanner.NeededLength);
        Assert.False(scanner.TryScan(frame.AsSpan(0, 21), out _));
        Assert.Equal(frame.Length, scanner.NeededLength);
        Assert.True(scanner.TryScan(frame, out int length));
        Assert.Equal(frame.Length, length);
        Assert.Equal(1, scanner.NeededLength);
    }

    [Theory]
    [InlineData("+OK\r\n", RespType.SimpleString)]
    [InlineData("$1\r\na\r\n", RespType.BulkString)]
    [InlineData(">1\r\n:1\r\n", RespType.Push)]
    [InlineData("|1\r\n+a\r\n*1\r\n:1\r\n>1\r\n:1\r\n", RespType.Push)]
    [InlineData("|1\r\n+a\r\n+b\r\n|0\r\n%1\r\n:1\r\n:1\r\n", RespType.Map)]
    [InlineData("*?\r\n.\r\n", RespType.Array)]
    public void TheFrameTypeLooksPastAttributes(string frame, RespType type)
    {
        var scanner = new RespFrameScanner(RespLimits.Default);
        Assert.True(scanner.TryScan(Scan.Bytes(frame), out int length));
        Assert.Equal((frame.Length, type), (length, scanner.FrameType));
    }

    [Fact]
    public void ResetForgetsAFrameThatWasBegun()
    {
        var scanner = new RespFrameScanner(RespLimits.Default);
        Assert.False(scanner.TryScan("*3\r\n*2\r\n$100\r\nabc"u8, out _));
        scanner.Reset();
        Assert.Equal((RespType.None, 1), (scanner.FrameType, scanner.NeededLength));
        Assert.True(scanner.TryScan(":1\r\n"u8, out int length));
        Assert.Equal(4, length);
    }

    [Fact]
    public void TheDefaultValueHasTheDefaultLimits()
    {
        RespFrameScanner scanner = default;
        Assert.True(scanner.TryScan("$1\r\na\r\n"u8, out int length));
        Assert.Equal(7, length);
    }

    [Fact]
    public void DeepNestingBeyondTheInlineLevelsIsFollowed()
    {
        string frame = string.Concat(Enumerable.Repeat("*2\r\n:1\r\n", 128)) + ":2\r\n";
        Assert.Equal(frame.Length, Scan.Length(Scan.Bytes(frame)));
        Assert.Contains("nesting", Scan.Failure("*1\r\n" + frame), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsScannedTwice()
    {
        // A million bytes one by one: quadratic work would take minutes.
        byte[] line = Scan.Bytes("-" + new string('e', 500_000) + "\r\n");
        byte[] many = Scan.Bytes("*200000\r\n" + string.Concat(Enumerable.Repeat(":1\r\n", 200_000)));
        long start = Stopwatch.GetTimestamp();
        foreach (byte[] frame in new[] { line, many })
        {
            var scanner = new RespFrameScanner(RespLimits.Default);
            for (int length = 1; length < frame.Length; length++)
            {
                Assert.False(scanner.TryScan(frame.AsSpan(0, length), out _));
            }

            Assert.True(scanner.TryScan(frame, out int end));
            Assert.Equal(frame.Length, end);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    [Fact]
    public void ALoneLineFeedInTextIsText() => Assert.Equal("(error) a\nb", Scan.Tree("-a\nb\r\n").ToString());
}
