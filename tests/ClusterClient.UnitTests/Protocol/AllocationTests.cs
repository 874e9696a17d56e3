// What the hot path must not do: allocate.
using System.Buffers;
using System.Diagnostics;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Protocol;

public sealed class AllocationTests
{
    private const int PatienceSeconds = 20;

    private static readonly string[] s_frames =
    [
        "+OK\r\n", ":123\r\n", "$5\r\nhello\r\n", "$3\r\n123\r\n", "$-1\r\n", "_\r\n", ",1.5\r\n", "#t\r\n", "-ERR some error\r\n",
        "(123\r\n", "=7\r\ntxt:abc\r\n", "*3\r\n:1\r\n*2\r\n:2\r\n$1\r\na\r\n%1\r\n+k\r\n|1\r\n:1\r\n:2\r\n:3\r\n", "*?\r\n:1\r\n.\r\n",
    ];

    public static TheoryData<string> Frames => [.. s_frames];

    [Theory]
    [MemberData(nameof(Frames))]
    public void ScanningAndWalkingAllocatesNothing(string text)
    {
        byte[] frame = Scan.Bytes(text);
        var scanner = new RespFrameScanner(RespLimits.Default);
        Assert.Equal(0, AllocatedBy(() =>
        {
            scanner.TryScan(frame.AsSpan(0, frame.Length / 2), out _);
            scanner.TryScan(frame, out int length);
            var reader = new RespReader(frame.AsSpan(0, length));
            while (reader.Read())
            {
                _ = reader.Span.Length;
            }
        }));
    }

    [Fact]
    public void ReadingNumbersAllocatesNothing()
    {
        byte[] integer = Scan.Bytes(":123\r\n"), bulk = Scan.Bytes("$3\r\n123\r\n"), number = Scan.Bytes(",1.5\r\n"), boolean = Scan.Bytes("#t\r\n"), ok = Scan.Bytes("+OK\r\n");
        Assert.Equal(0, AllocatedBy(() =>
        {
            Assert.True(Read(integer).ReadInt64() == 123 && (long)Read(integer).ReadValue() == 123);
            Assert.True(Read(bulk).ReadInt64() == 123 && (long)Read(bulk).ReadValue() == 123);
            Assert.True(Read(number).ReadDouble() == 1.5 && (double)Read(number).ReadValue() == 1.5);
            Assert.True(Read(boolean).ReadBoolean() && Read(ok).ReadString() == "OK");
        }));

        static RespReader Read(byte[] frame)
        {
            var reader = new RespReader(frame);
            reader.Read();
            return reader;
        }
    }

    [Fact]
    public void TextAndBytesCostThemselvesAlone()
    {
        byte[] bulk = Scan.Bytes("$5\r\nhello\r\n");
        long text = LeastOf(() => { var r = new RespReader(bulk); r.Read(); _ = r.ReadString(); });
        long value = LeastOf(() => { var r = new RespReader(bulk); r.Read(); _ = r.ReadValue(); });
        Assert.Equal(LeastOf(static () => _ = new string('x', 5)), text);
        Assert.Equal(LeastOf(static () => _ = new byte[5]), value);
    }

    [Fact]
    public void KeysValuesAndSlotsAllocateNothing()
    {
        string text = "user:{1234}:name", longer = new('x', 300);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] destination = new byte[1024];
        Assert.Equal(0, AllocatedBy(() =>
        {
            RedisKey key = text, same = bytes, big = longer;
            Assert.True(key == same && key.GetHashCode() == same.GetHashCode() && HashSlot.Of(key) == HashSlot.Of(same));
            Assert.True(HashSlot.Of(big) < HashSlot.Count && big.GetHashCode() != 1);
            Write(text, destination);
            Write(bytes, destination);
            Write(bytes.AsMemory(1), destination);
            Write(123456789L, destination);
            Write(-1, destination);
            Write(ulong.MaxValue, destination);
            Write(1.5, destination);
            Write(0.1f, destination);
            Write(true, destination);
            Write(key, destination);
            RedisValue number = "12345";
            Assert.True((long)number == 12345 && (double)number == 12345 && (int?)number == 12345 && number == 12345);
        }));

        static void Write(RedisValue value, byte[] destination) => Assert.True(value.WriteTo(destination) == value.ByteLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(1024)]
    [InlineData(100_000)]
    public void LeasesAllocateNothingHoweverManyAreOut(int length)
    {
        byte[] bytes = new byte[length];
        var leases = new Lease[length > 1024 ? 4 : 500];
        Assert.Equal(0, AllocatedBy(() =>
        {
            for (int i = 0; i < leases.Length; i++)
            {
                leases[i] = Lease.Copy(bytes);
            }

            foreach (Lease lease in leases)
            {
                Assert.True(lease.Length == length);
                lease.Dispose();
            }
        }));
    }

    [Fact]
    public void WritingCommandsAllocatesNothing()
    {
        var writer = new ArrayBufferWriter<byte>(1024);
        Assert.Equal(0, AllocatedBy(() =>
        {
            RespWriter.WriteCommand(writer, "SET", "key", 12345, 1.5);
            RespWriter.WriteInteger(writer, 5);
            RespWriter.WriteSimpleString(writer, "OK");
            writer.ResetWrittenCount();
        }));
    }

    // The least of many runs: the first ones fill the pools, other tests may take from them meanwhile, and the runtime's
    // number formatting boxes until it is compiled again with optimisation, which waits while other tests start.
    private static long AllocatedBy(Action action) => LeastOf(action, PatienceSeconds);

    private static long LeastOf(Action action, int patienceSeconds = 0)
    {
        long least = long.MaxValue;
        long start = Stopwatch.GetTimestamp();
        for (int run = 0; run < 40 || (least > 0 && Stopwatch.GetElapsedTime(start).TotalSeconds < patienceSeconds); run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
