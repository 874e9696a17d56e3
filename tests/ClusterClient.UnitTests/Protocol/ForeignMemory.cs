// Bytes that are not in an array, for tests: what a memory-mapped file or native buffer gives.
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterClient.UnitTests.Protocol;

internal sealed unsafe class ForeignMemory : MemoryManager<byte>
{
    private readonly int _length;
    private byte* _bytes;

    internal ForeignMemory(string text)
    {
        _length = Encoding.UTF8.GetByteCount(text);
        _bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, _length));
        Encoding.UTF8.GetBytes(text, GetSpan());
    }

    public override Span<byte> GetSpan() => new(_bytes, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
