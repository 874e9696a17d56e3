// Random and damaged bytes: nothing but a RedisProtocolException, no hang, no memory beyond what has come.
using System.Buffers;
using System.Diagnostics;
using ClusterClient.Protocol;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Protocol;

public sealed class HostileInputTests
{
    // Bytes that mean something to the protocol, so that random ones get far.
    private static readonly byte[] s_alphabet = Scan.Bytes("+-:$*_,#!=%~|>(.;?\r\n\r\n\r\n0123456789-1tfinx\0\xFF");

    [Fact]
    public void RandomBytesNeverDoHarm()
    {
        var random = new Random(20260101);
        for (int i = 0; i < 60_000; i++)
        {
            byte[] bytes = new byte[random.Next(64)];
            if (i % 4 == 0)
            {
                random.NextBytes(bytes);
            }
            else
            {
                random.GetItems(s_alphabet, bytes);
            }

            Endure(bytes);
        }
    }

    [Fact]
    public void DamagedFramesNeverDoHarm()
    {
        var random = new Random(20260102);
        IReadOnlyList<RespNode> nodes = RespNode.Replies.Generator.Sample(2_000, 40);
        foreach (RespNode node in nodes)
        {
            var writer = new ArrayBufferWriter<byte>();
            node.Write(writer);
            byte[] frame = writer.WrittenSpan.ToArray();
            for (int i = 0; i < 20; i++)
            {
                Endure(Damage(frame, random));
            }
        }
    }

    [Theory]
    [InlineData("$536870912\r\n")]
    [InlineData("*134217728\r\n")]
    [InlineData("%67108864\r\n")]
    [InlineData("~134217728\r\n+a\r\n")]
    [InlineData("|67108864\r\n")]
    [InlineData("*2\r\n*134217728\r\n")]
    [InlineData("$?\r\n;536870912\r\n")]
    [InlineData("=536870912\r\ntxt:")]
    public void AnAnnouncementAloneCostsNoMemory(string header)
    {
        byte[] bytes = Scan.Bytes(header);
        Endure(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(-1, Scan.Length(bytes));
        var sequence = new ReadOnlySequence<byte>(bytes);
        Assert.False(RespParser.TryParse(ref sequence, out _));
        Assert.Throws<RedisProtocolException>(() => Scan.Tree(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Theory]
    [InlineData("*1\r\n")]
    [InlineData("*?\r\n")]
    [InlineData("%1\r\n+k\r\n")]
    [InlineData("|1\r\n+k\r\n")]
    [InlineData("|0\r\n")]
    [InlineData("|1\r\n:1\r\n:2\r\n")]
    [InlineData("~1\r\n|1\r\n")]
    [InlineData("$?\r\n")]
    public void EndlessNestingEndsSoon(string level)
    {
        byte[] bytes = Scan.Bytes(string.Concat(Enumerable.Repeat(level, 200_000 / level.Length)));
        long start = Stopwatch.GetTimestamp();
        Endure(bytes);
        Endure([.. bytes, .. "+end\r\n"u8]);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    [Fact]
    public void TheDeepestStreamedFrameIsReadInReasonableTime()
    {
        const int Depth = 128;
        string frame = string.Concat(Enumerable.Repeat("*?\r\n", Depth)) + string.Concat(Enumerable.Repeat(":1\r\n", 20_000))
            + string.Concat(Enumerable.Repeat(".\r\n", Depth));
        long start = Stopwatch.GetTimestamp();
        Endure(Scan.Bytes(frame));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 60);
    }

    // What the scanner lets pass, the reader must read; what it refuses, the reader may refuse only in the same way.
    private static void Endure(byte[] bytes)
    {
        int length = -1;
        try
        {
            length = Scan.Length(bytes);
        }
        catch (RedisProtocolException)
        {
        }

        if (length >= 0)
        {
            Assert.InRange(length, 1, bytes.Length);
            RespValue tree = Scan.Tree(bytes.AsSpan(0, length));
            Assert.NotNull(tree.ToString());
            var walker = new RespReader(bytes.AsSpan(0, length));
            Assert.True(walker.Skip());
            Assert.False(walker.Read());
        }

        AssertResumedScanAgrees(bytes, length);
        try
        {
            Convert(bytes);
        }
        catch (RedisProtocolException)
        {
        }
    }

    private static void AssertResumedScanAgrees(byte[] bytes, int expected)
    {
        var scanner = new RespFrameScanner(RespLimits.Default);
        int step = Math.Max(1, bytes.Length / 64);
        int length = -1;
        try
        {
            for (int end = 0; end <= bytes.Length && length < 0; end += step)
            {
                length = scanner.TryScan(bytes.AsSpan(0, end), out int found) ? found : -1;
            }

            if (length < 0 && scanner.TryScan(bytes, out int whole))
            {
                length = whole;
            }
        }
        catch (RedisProtocolException)
        {
        }

        Assert.True(expected == length, $"{length} instead of {expected}: {ByteText.Quote(bytes, 200)}");
    }

    private static void Convert(byte[] bytes)
    {
        var reader = new RespReader(bytes);
        while (reader.Read())
        {
            try
            {
                _ = reader.ReadString();
                _ = reader.ReadBytes();
                _ = reader.VerbatimFormat;
                _ = reader.ReadAttributes();
                _ = reader.ReadValue();
                _ = reader.ReadDouble();
                _ = reader.ReadInt64();
                _ = reader.ReadBoolean();
            }
            catch (UnexpectedReplyException)
            {
            }
        }
    }

    private static byte[] Damage(byte[] frame, Random random)
    {
        var bytes = new List<byte>(frame);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            byte some = s_alphabet[random.Next(s_alphabet.Length)];
            switch (random.Next(4))
            {
                case 0: bytes.Insert(at, some); break;
                case 1 when at < bytes.Count: bytes.RemoveAt(at); break;
                case 2 when at < bytes.Count: bytes[at] = some; break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }
}
