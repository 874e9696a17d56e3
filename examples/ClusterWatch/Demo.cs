// A failover without anybody at the keys: a master is killed, replaced and restarted, and the sum is told.
using System.Diagnostics;
using ClusterClient;
using ClusterClient.Testing;

namespace ClusterWatch;

internal sealed class Demo(RedisClient redis, Faults faults, EventLog log)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>From the kill until the client routed to the heir.</summary>
    internal TimeSpan HeirKnownAfter { get; private set; }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        Stopwatch watch = Stopwatch.StartNew();
        await faults.KillAsync();
        LocalNode dead = faults.Killed!;
        await UntilAsync(() => redis.Topology.MasterOf(0) is { IsAvailable: true } owner && owner.Endpoint.Port != dead.Port, "the heir is known", cancellationToken);
        HeirKnownAfter = watch.Elapsed;
        await redis.StringSetAsync(KeyOfSlotZero(), "written to the heir", cancellationToken: cancellationToken);
        log.Add(EventKind.Action, $"{redis.Topology.MasterOf(0)!.Endpoint} serves slot 0, {HeirKnownAfter.TotalSeconds:F1} s after the kill");
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        await faults.RestartAsync();

        // Garnet's node comes back as a master of nothing; the others' as the replica of its heir.
        await UntilAsync(() => Find(dead) is { IsAvailable: true } back && redis.Topology.SlotsOf(back).IsEmpty, "the restarted node is back", cancellationToken);
        log.Add(EventKind.Action, $"{dead} is back as a {(Find(dead)!.IsMaster ? "master without slots" : "replica")}");
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
    }

    private TopologyNode? Find(LocalNode node) => redis.Topology.Nodes.FirstOrDefault(known => known.Endpoint.Port == node.Port);

    private static string KeyOfSlotZero() => Enumerable.Range(0, int.MaxValue).Select(static i => $"demo:{i}").First(static key => HashSlot.Of(key) == 0);

    private async Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > _patience) throw new TimeoutException($"Not within {_patience.TotalSeconds} s: {what}.");
            await Task.Delay(5, cancellationToken);
            if (watch.Elapsed > TimeSpan.FromSeconds(10)) await redis.RefreshTopologyAsync(cancellationToken);
        }
    }
}
