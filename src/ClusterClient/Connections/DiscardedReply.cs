// The place holder for a reply that nobody waits for.
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>Stands in the line of pending replies for ASKING, whose +OK is dropped. One instance serves all: it never leaves the phase Free.</summary>
internal sealed class DiscardedReply : Operation
{
    internal static DiscardedReply Instance { get; } = new();

    internal override bool Deliver(ReadOnlySpan<byte> frame, FrameBuffer? buffer) => false;

    internal override void RunContinuation()
    {
    }

    protected override void SetFailure(Exception failure)
    {
    }

    protected override void Recycle(bool isReusable)
    {
    }
}
