// Turns counters into rates: looks at them twice a second and remembers the last seconds.
using System.Diagnostics;
using ClusterClient;

namespace ClusterWatch;

/// <summary>Not thread-safe: the view asks it for each frame.</summary>
internal sealed class Sampler(RedisClient redis, NodeMeters meters)
{
    private const int Remembered = 24;
    private const int Shown = 12;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Dictionary<NodeEndpoint, Queue<Sample>> _samples = [];

    internal Frame Take()
    {
        TopologySnapshot map = redis.Topology;
        TopologyNode[] masters = [.. map.Masters.OrderBy(master => FirstSlot(map, master)).ThenBy(static master => master.Endpoint.Port)];
        List<TopologyNode> nodes = [];
        foreach (TopologyNode master in masters) nodes.AddRange([master, .. map.ReplicasOf(master).OrderBy(static replica => replica.Endpoint.Port)]);
        nodes.AddRange(map.Nodes.Except(nodes));
        return new(map, [.. nodes.Select(node => Line(map, node))], Stopwatch.GetElapsedTime(_started));
    }

    private static int FirstSlot(TopologySnapshot map, TopologyNode master) => map.SlotsOf(master) is [var first, ..] ? first.First : HashSlot.Count;

    private NodeLine Line(TopologySnapshot map, TopologyNode node)
    {
        NodeCounts counts = meters.Of(node.Endpoint);
        if (!_samples.TryGetValue(node.Endpoint, out Queue<Sample>? samples)) _samples.Add(node.Endpoint, samples = new());
        Sample now = new(Stopwatch.GetTimestamp(), Volatile.Read(ref counts.Commands), Volatile.Read(ref counts.Seconds));
        samples.Enqueue(now);
        if (samples.Count > Remembered + 1) samples.Dequeue();
        Sample[] all = [.. samples];
        Sample secondAgo = all[Math.Max(0, all.Length - 3)];
        long commands = now.Commands - secondAgo.Commands;
        double[] history = [.. all.Zip(all.Skip(1), static (one, next) => next.RateSince(one)).TakeLast(Shown)];
        return new(
            node, map.SlotsOf(node).Sum(static range => range.Count), now.RateSince(secondAgo),
            commands == 0 || now.Seconds.Equals(secondAgo.Seconds) ? null : (now.Seconds - secondAgo.Seconds) * 1000 / commands, Volatile.Read(ref counts.Errors), history);
    }

    private readonly record struct Sample(long At, long Commands, double Seconds)
    {
        internal double RateSince(Sample before)
        {
            double seconds = Stopwatch.GetElapsedTime(before.At, At).TotalSeconds;
            return seconds <= 0 ? 0 : (Commands - before.Commands) / seconds;
        }
    }
}
