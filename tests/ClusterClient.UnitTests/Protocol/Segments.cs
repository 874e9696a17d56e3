// Sequences of several segments, empty ones among them, for tests.
using System.Buffers;

namespace ClusterClient.UnitTests.Protocol;

internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    internal static ReadOnlySequence<byte> Of(byte[] bytes, int size)
    {
        var first = new Segments(default, 0);
        Segments last = first;
        foreach (byte[] chunk in bytes.Chunk(size))
        {
            last = last.Append(chunk);
            last = last.Append(default);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private Segments Append(ReadOnlyMemory<byte> memory)
    {
        var next = new Segments(memory, RunningIndex + Memory.Length);
        Next = next;
        return next;
    }
}
