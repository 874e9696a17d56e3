// Which of some nodes are about as near as the nearest, without wavering.
using ClusterClient.Connections;

namespace ClusterClient.Routing;

/// <summary>
/// The set changes only when a node is clearly nearer or farther than the others: whoever is in it stays until it is half as far again as the nearest,
/// and whoever is out enters when it is within a fifth. Looked at again at most every 100 ms, by whoever reads next.
/// </summary>
internal sealed class NearNodes
{
    private const int LookEveryMilliseconds = 100;
    private const double EntersWithin = 1.2;
    private const double StaysWithin = 1.5;

    /// <summary>Nearer than this apart is equally near: on one machine all are, and their times are noise.</summary>
    private static readonly TimeSpan _noise = TimeSpan.FromMilliseconds(0.3);

    private readonly NodeConnection[] _nodes;
    private readonly Func<NodeConnection, bool> _isFit;
    private NodeConnection[] _present;
    private long _lookAgainAt;

    /// <param name="nodes">All of them.</param>
    /// <param name="isFit">Whether a node may be asked: how near one is that may not does not matter.</param>
    /// <param name="before">Who was near before these were; with none of them there, all are taken for near until measured.</param>
    internal NearNodes(NodeConnection[] nodes, Func<NodeConnection, bool> isFit, HashSet<NodeConnection>? before)
    {
        _nodes = _present = nodes;
        _isFit = isFit;
        if (before is not null && Array.FindAll(nodes, before.Contains) is { Length: > 0 } near) _present = near;
    }

    /// <summary>The near ones at this moment.</summary>
    internal ReadOnlySpan<NodeConnection> Present
    {
        get
        {
            long now = Environment.TickCount64;
            long due = Volatile.Read(ref _lookAgainAt);
            if (now >= due && Interlocked.CompareExchange(ref _lookAgainAt, now + LookEveryMilliseconds, due) == due) Look();
            return Volatile.Read(ref _present);
        }
    }

    /// <summary>Decides on the set from latencies; a latency of zero is not measured yet, or of a node that cannot be asked.</summary>
    /// <param name="latencies">By node.</param>
    /// <param name="isIn">Who is in the set; changed in place.</param>
    internal static void Decide(ReadOnlySpan<TimeSpan> latencies, Span<bool> isIn)
    {
        TimeSpan nearest = TimeSpan.MaxValue;
        foreach (TimeSpan latency in latencies)
        {
            if (latency > TimeSpan.Zero && latency < nearest) nearest = latency;
        }

        for (int i = 0; i < latencies.Length; i++)
        {
            if (nearest == TimeSpan.MaxValue || latencies[i] == TimeSpan.Zero)
            {
                isIn[i] = nearest == TimeSpan.MaxValue;
                continue;
            }

            double factor = isIn[i] ? StaysWithin : EntersWithin;
            TimeSpan margin = (isIn[i] ? 2 : 1) * _noise;
            isIn[i] = latencies[i] <= nearest * factor || latencies[i] <= nearest + margin;
        }
    }

    private void Look()
    {
        Span<TimeSpan> latencies = stackalloc TimeSpan[Math.Min(_nodes.Length, 64)];
        Span<bool> isIn = stackalloc bool[latencies.Length];
        NodeConnection[] present = Volatile.Read(ref _present);
        for (int i = 0; i < latencies.Length; i++)
        {
            latencies[i] = _isFit(_nodes[i]) ? _nodes[i].Reads.Latency : TimeSpan.Zero;
            isIn[i] = Array.IndexOf(present, _nodes[i]) >= 0;
        }

        Decide(latencies, isIn);
        int count = isIn.Count(true);
        bool isSame = count == present.Length;
        for (int i = 0; i < isIn.Length && isSame; i++) isSame = isIn[i] == (Array.IndexOf(present, _nodes[i]) >= 0);
        if (isSame) return;
        NodeConnection[] next = new NodeConnection[count];
        int last = 0;
        for (int i = 0; i < isIn.Length; i++)
        {
            if (isIn[i]) next[last++] = _nodes[i];
        }

        Volatile.Write(ref _present, next);
    }
}
