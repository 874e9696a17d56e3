// Bytes that do something when they are read: what happens between the choice of a command's node and its sending.
using System.Buffers;
using System.Text;

namespace ClusterClient.UnitTests.Routing;

/// <summary>A command's argument; the trap goes off when the command is encoded, once.</summary>
internal sealed class TrappedMemory(string text, Action trap) : MemoryManager<byte>
{
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);
    private Action? _trap = trap;

    public override Memory<byte> Memory => CreateMemory(_bytes.Length);

    public override Span<byte> GetSpan()
    {
        Interlocked.Exchange(ref _trap, null)?.Invoke();
        return _bytes;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
