// Pooled bytes on loan: a reply's payload without an allocation, given back by Dispose.
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// The bytes of a reply in a pooled buffer. Dispose it once you have used them; a second Dispose, or one of a copy, does
/// nothing. <see cref="Span"/> and <see cref="Memory"/> throw afterwards, but what they gave earlier must not be used
/// any more: the buffer then belongs to somebody else.
/// </summary>
public readonly struct Lease : IDisposable, IEquatable<Lease>
{
    private readonly LeaseOwner? _owner;
    private readonly int _version;

    private Lease(LeaseOwner owner, int version)
    {
        _owner = owner;
        _version = version;
    }

    /// <summary>No value: what a missing key gives. Disposing it does nothing.</summary>
    public static Lease Null => default;

    /// <summary>Whether there is no value. Stays what it was after Dispose.</summary>
    public bool IsNull => _owner is null;

    /// <summary>The number of bytes; 0 for null.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public int Length => Memory.Length;

    /// <summary>The bytes; empty for null.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>The bytes; empty for null.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public ReadOnlyMemory<byte> Memory => _owner is null ? default : _owner.GetMemory(_version);

    /// <summary>Gives the buffer back to its pool.</summary>
    public void Dispose() => _owner?.Release(_version);

    /// <inheritdoc/>
    public bool Equals(Lease other) => ReferenceEquals(_owner, other._owner) && _version == other._version;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Lease other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_owner, _version);

    /// <summary>Whether two leases are copies of one.</summary>
    public static bool operator ==(Lease left, Lease right) => left.Equals(right);

    /// <summary>Whether two leases are not copies of one.</summary>
    public static bool operator !=(Lease left, Lease right) => !left.Equals(right);

    // The caller fills the buffer before it hands the lease out.
    internal static Lease Rent(int length, out Memory<byte> buffer)
    {
        LeaseOwner owner = LeaseOwner.Rent(length, out int version);
        buffer = owner.GetMemory(version);
        return new Lease(owner, version);
    }

    // The array must come from ArrayPool.Shared, and is given back there.
    internal static Lease Over(ArraySegment<byte> bytes)
    {
        LeaseOwner owner = LeaseOwner.Take(bytes, out int version);
        return new Lease(owner, version);
    }

    internal static Lease Copy(ReadOnlySpan<byte> bytes)
    {
        Lease lease = Rent(bytes.Length, out Memory<byte> buffer);
        bytes.CopyTo(buffer.Span);
        return lease;
    }
}
