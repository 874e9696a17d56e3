// A pooled array that one large reply has for itself: whoever reads the reply may keep it.
namespace ClusterClient.Protocol;

/// <summary>
/// Offers the array behind a reply, so that a large value is received straight into what its caller gets. The reader that makes the offer uses
/// one object for all; it is looked at only while the reply is read.
/// </summary>
internal sealed class FrameBuffer
{
    private byte[]? _array;
    private int _start;

    /// <summary>Whether somebody has taken the array.</summary>
    internal bool IsTaken => _array is null;

    /// <summary>Offers an array of <see cref="System.Buffers.ArrayPool{T}.Shared"/>.</summary>
    /// <param name="array">The array.</param>
    /// <param name="start">Where the frame stands in it.</param>
    internal void Offer(byte[] array, int start)
    {
        _array = array;
        _start = start;
    }

    /// <summary>Takes the array; it is to be given back to its pool.</summary>
    /// <param name="offset">Where what is wanted begins, from the start of the frame.</param>
    /// <param name="length">How many bytes are wanted.</param>
    internal ArraySegment<byte> Take(int offset, int length)
    {
        ArraySegment<byte> taken = new(_array!, _start + offset, length);
        _array = null;
        return taken;
    }

    /// <summary>Withdraws an offer that nobody took.</summary>
    internal void Withdraw() => _array = null;
}
