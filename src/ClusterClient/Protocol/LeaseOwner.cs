// What stands behind a lease: a pooled array and the version that tells its present lease from earlier ones.
using System.Buffers;
using Microsoft.Extensions.ObjectPool;

namespace ClusterClient.Protocol;

internal sealed class LeaseOwner
{
    // Leases are rented by the reader and disposed by consumers, so a thread-local list would never be hit.
    private const int MaximumRetained = 1024;
    private static readonly DefaultObjectPool<LeaseOwner> s_pool = new(new Policy(), MaximumRetained);

    private byte[]? _buffer;
    private int _length;
    private int _version;

    internal static LeaseOwner Rent(int length, out int version)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        LeaseOwner owner = s_pool.Get();
        owner._length = length;
        Volatile.Write(ref owner._buffer, buffer);
        version = Volatile.Read(ref owner._version);
        return owner;
    }

    // The version is read again after buffer and length: a Dispose and new lease in between must not mix the two leases.
    internal Memory<byte> GetMemory(int version)
    {
        byte[]? buffer = Volatile.Read(ref _buffer);
        int length = Volatile.Read(ref _length);
        if (buffer is null || Volatile.Read(ref _version) != version)
        {
            ThrowDisposed();
        }

        return new Memory<byte>(buffer, 0, length);
    }

    // Of all who dispose this lease, on any thread, one alone moves the version on and gives the buffer back.
    internal void Release(int version)
    {
        if (Interlocked.CompareExchange(ref _version, version + 1, version) != version)
        {
            return;
        }

        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        s_pool.Return(this);
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(Lease), "The lease was disposed: its bytes are back in the pool.");

    private sealed class Policy : PooledObjectPolicy<LeaseOwner>
    {
        public override LeaseOwner Create() => new();

        public override bool Return(LeaseOwner obj) => true;
    }
}
