// The bytes of a key or value as one span, written to the stack or a rented array where it is not bytes already.
using System.Buffers;

namespace ClusterClient.Protocol;

internal ref struct PayloadBytes : IDisposable
{
    internal const int ScratchLength = 256;

    private byte[]? _rented;

    internal PayloadBytes(Payload payload, Span<byte> scratch)
    {
        if (payload.TryGetSpan(out ReadOnlySpan<byte> bytes))
        {
            Span = bytes;
            return;
        }

        int length = payload.GetMaxByteLength();
        if (length > scratch.Length)
        {
            length = payload.GetByteLength();
            if (length > scratch.Length)
            {
                scratch = _rented = ArrayPool<byte>.Shared.Rent(length);
            }
        }

        Span = scratch[..payload.WriteTo(scratch)];
    }

    internal ReadOnlySpan<byte> Span { get; }

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
