// The nodes that held a round up for nothing: the next one does not wait for them.
namespace ClusterClient.Topology;

/// <summary>
/// A frozen node costs every look the full grace of a round until its heartbeats have made it a suspect, and a promotion is followed that much later. One that
/// has said anything since, be it the late answer itself or the end of a handshake, was slow and is waited for again: else a node that is far away would never be
/// heard. For the rounds of one source, one at a time.
/// </summary>
internal sealed class SilentNodes
{
    // Whom nobody asks any more stays; to forget all costs each one grace.
    private const int Most = 1024;

    private readonly Dictionary<NodeEndpoint, long?> _heardBefore = [];

    /// <summary>Whether a node gave the last round no answer, and has not been heard of since. Without a connection there is nothing to hear.</summary>
    /// <param name="node">The node.</param>
    /// <param name="lastHeard">When it was last heard of; null while it is not connected.</param>
    public bool IsSilent(NodeEndpoint node, long? lastHeard) => _heardBefore.TryGetValue(node, out long? before) && (lastHeard is null || lastHeard == before);

    /// <summary>Whether a node gave the last round no answer, or a late one, whatever it has said since.</summary>
    public bool IsSlow(NodeEndpoint node) => _heardBefore.ContainsKey(node);

    /// <summary>A round ended without a node's answer. To be said at once: what comes from then on is the answer, late.</summary>
    /// <param name="node">The node.</param>
    /// <param name="lastHeard">When it was last heard of.</param>
    /// <param name="wasWaitedFor">Whether it had its chance: else what came from it while others were asked is not held against it.</param>
    public void NoteSilent(NodeEndpoint node, long? lastHeard, bool wasWaitedFor)
    {
        if (!wasWaitedFor && IsSlow(node)) return;
        if (_heardBefore.Count >= Most) _heardBefore.Clear();
        _heardBefore[node] = lastHeard;
    }

    /// <summary>A node took longer than most may take, and answered.</summary>
    public void NoteSlow(NodeEndpoint node) => NoteSilent(node, lastHeard: null, wasWaitedFor: true);

    /// <summary>A node answered in time.</summary>
    public void NotePrompt(NodeEndpoint node) => _heardBefore.Remove(node);
}
