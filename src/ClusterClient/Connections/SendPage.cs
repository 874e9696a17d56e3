// One page of encoded commands on its way to the socket.
using System.Buffers;

namespace ClusterClient.Connections;

/// <summary>
/// A block of bytes that is sent in one go. Pages exist so that a command can be told to be handed to the socket or not:
/// what stands on a page behind the one being sent has not left the process and may move to another node.
/// </summary>
internal sealed class SendPage
{
    /// <summary>The size of the page a connection keeps for itself.</summary>
    internal const int ResidentSize = 16 * 1024;

    /// <summary>The size of the pages taken while there is more to send than one page holds.</summary>
    internal const int OverflowSize = 64 * 1024;

    private readonly bool _isPooled;

    private SendPage(byte[] buffer, bool isPooled)
    {
        Buffer = buffer;
        _isPooled = isPooled;
    }

    internal byte[] Buffer { get; private set; }

    internal int Length { get; set; }

    /// <summary>The sequence number of the last command on this page.</summary>
    internal long LastSequence { get; set; }

    /// <summary>The page behind this one.</summary>
    internal SendPage? Next { get; set; }

    internal int Room => Buffer.Length - Length;

    internal bool IsResident => !_isPooled;

    internal Memory<byte> Written => Buffer.AsMemory(0, Length);

    internal static SendPage CreateResident() => new(GC.AllocateUninitializedArray<byte>(ResidentSize), isPooled: false);

    /// <summary>A page for pooled buffers, of which it has none yet.</summary>
    internal static SendPage CreateOverflow() => new([], isPooled: true);

    /// <summary>Gives an overflow page a buffer with room for at least <paramref name="length"/> bytes.</summary>
    internal void RentBuffer(int length) => Buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, OverflowSize));

    /// <summary>Makes the page empty again, giving a pooled buffer back.</summary>
    internal void Release()
    {
        Length = 0;
        Next = null;
        if (!_isPooled) return;
        byte[] buffer = Buffer;
        Buffer = [];
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
