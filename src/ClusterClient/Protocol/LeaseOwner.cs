// What stands behind a lease: a pooled array and the version that tells its present lease from earlier ones.
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Microsoft.Extensions.ObjectPool;

namespace ClusterClient.Protocol;

internal sealed class LeaseOwner
{
    // Leases are rented by the reader and disposed by consumers, so a thread-local list would never be hit.
    private const int MaximumRetained = 16 * 1024;

    // Small buffers stay with their owners: ArrayPool.Shared keeps 32 arrays per core and size, and many callers hold more
    // leases than that at a time.
    private const int LargestKept = 1024;
    private const int SmallestKept = 64;

    private static readonly DefaultObjectPool<LeaseOwner> s_pool = new(new Policy(), MaximumRetained);

    private byte[] _kept = [];
    private byte[] _buffer = [];
    private int _start;
    private int _length;
    private int _version;

    internal static LeaseOwner Rent(int length, out int version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        LeaseOwner owner = s_pool.Get();
        if (length > LargestKept)
        {
            owner._buffer = ArrayPool<byte>.Shared.Rent(length);
        }
        else
        {
            if (length > owner._kept.Length)
            {
                owner._kept = GC.AllocateUninitializedArray<byte>(
                    (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SmallestKept)));
            }

            owner._buffer = owner._kept;
        }

        owner._start = 0;
        owner._length = length;
        version = owner._version;
        return owner;
    }

    internal static LeaseOwner Take(ArraySegment<byte> bytes, out int version)
    {
        LeaseOwner owner = s_pool.Get();
        owner._buffer = bytes.Array!;
        owner._start = bytes.Offset;
        owner._length = bytes.Count;
        version = owner._version;
        return owner;
    }

    // The version is read after buffer, start and length: a Dispose and a new lease in between must not mix the two leases.
    internal Memory<byte> GetMemory(int version)
    {
        byte[] buffer = Volatile.Read(ref _buffer);
        int start = Volatile.Read(ref _start);
        int length = Volatile.Read(ref _length);
        if (Volatile.Read(ref _version) != version)
        {
            ThrowDisposed();
        }

        return new Memory<byte>(buffer, start, length);
    }

    // Of all who dispose this lease, on any thread, one alone moves the version on and gives the buffer back.
    internal void Release(int version)
    {
        if (Interlocked.CompareExchange(ref _version, unchecked(version + 1), version) != version)
        {
            return;
        }

        byte[] buffer = _buffer;
        bool rented = !ReferenceEquals(buffer, _kept);
        _buffer = [];
        s_pool.Return(this);
        if (rented)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [DoesNotReturn]
    private static void ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(Lease), "The lease was disposed: its bytes are back in the pool.");

    private sealed class Policy : PooledObjectPolicy<LeaseOwner>
    {
        public override LeaseOwner Create() => new();

        public override bool Return(LeaseOwner obj) => true;
    }
}
