// Leases: whose bytes they are, on how many threads soever they are disposed.
using System.Buffers.Binary;

namespace ClusterClient.UnitTests.Protocol;

public sealed class LeaseTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5_000_000)]
    public void ALeaseHasExactlyTheBytesAsked(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using var lease = Lease.Copy(bytes);
        Assert.Equal(length, lease.Length);
        Assert.True(lease.Span.SequenceEqual(bytes));
        Assert.Equal(bytes, lease.Memory.ToArray());
        Assert.False(lease.IsNull);
    }

    [Fact]
    public void TheBufferOfARentIsTheLeasesOwn()
    {
        using var lease = Lease.Rent(3, out Memory<byte> buffer);
        Assert.Equal(3, buffer.Length);
        "abc"u8.CopyTo(buffer.Span);
        Assert.True(lease.Span.SequenceEqual("abc"u8));
    }

    [Fact]
    public void NullIsEmptyAndNeedsNoDispose()
    {
        Lease lease = Lease.Null;
        lease.Dispose();
        Assert.True(lease.IsNull && lease.Span.IsEmpty && lease.Memory.IsEmpty && lease.Length == 0);
        Assert.Equal(default, lease);
    }

    [Fact]
    public void UseAfterDisposeIsAnErrorAndASecondDisposeNothing()
    {
        var lease = Lease.Copy("abc"u8);
        Lease copy = lease;
        Assert.True(lease == copy);
        lease.Dispose();
        AssertDisposed(lease);
        AssertDisposed(copy);
        copy.Dispose();
        lease.Dispose();
        Assert.False(lease.IsNull);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(3000)]
    public void AnOldLeaseDoesNotTouchTheNewOneOfItsOwner(int length)
    {
        // Rented one after another, they share an owner sooner or later.
        var stale = Lease.Copy(new byte[length]);
        stale.Dispose();
        for (int i = 0; i < 100; i++)
        {
            byte[] bytes = new byte[length];
            bytes.AsSpan().Fill((byte)i);
            var lease = Lease.Copy(bytes);
            stale.Dispose();
            Assert.True(lease.Span.SequenceEqual(bytes));
            Assert.True(lease != stale);
            AssertDisposed(stale);
            lease.Dispose();
            stale = lease;
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(2000)]
    public async Task NoBufferIsLentTwiceWhoeverDisposes(int length)
    {
        // Every lease is disposed by its own worker and, about then, by a neighbour. Were a buffer given back twice, two
        // live leases would share it sooner or later, and one would find the other's mark.
        const int Workers = 4;
        var published = new Lease[Workers];
        Task[] workers = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                var lease = Lease.Rent(length, out Memory<byte> buffer);
                long mark = ((long)worker << 32) | (uint)i;
                BinaryPrimitives.WriteInt64LittleEndian(buffer.Span, mark);
                Lease neighbours;
                lock (published)
                {
                    neighbours = published[(worker + 1) % Workers];
                }

                neighbours.Dispose();
                Assert.Equal(mark, BinaryPrimitives.ReadInt64LittleEndian(lease.Span));
                lock (published)
                {
                    published[worker] = lease;
                }

                lease.Dispose();
                AssertDisposed(lease);
            }
        }))];
        await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(2000)]
    public void ManyDisposesAtOnceGiveTheBufferBackOnce(int length)
    {
        for (int round = 0; round < 200; round++)
        {
            var lease = Lease.Rent(length, out _);
            Parallel.For(0, 8, _ => lease.Dispose());
            Lease[] next = [.. Enumerable.Range(0, 8).Select(i => Lease.Rent(length, out Memory<byte> buffer).Marked(buffer, i))];
            for (int i = 0; i < next.Length; i++)
            {
                Assert.Equal(i, next[i].Span[0]);
                next[i].Dispose();
            }
        }
    }

    private static void AssertDisposed(Lease lease)
    {
        Assert.Throws<ObjectDisposedException>(() => lease.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => lease.Memory);
        Assert.Throws<ObjectDisposedException>(() => lease.Length);
    }
}

internal static class LeaseMarks
{
    internal static Lease Marked(this Lease lease, Memory<byte> buffer, int mark)
    {
        buffer.Span[0] = (byte)mark;
        return lease;
    }
}
