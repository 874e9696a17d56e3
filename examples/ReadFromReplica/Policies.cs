// Which node answers under which policy, by the servers' own count.
using ClusterClient;

namespace ReadFromReplica;

internal static class Policies
{
    private const int Reads = 3000;

    internal static async Task ShowAsync(RedisClient redis, Stage stage)
    {
        Report.Title($"Who answers {Reads} reads");
        if (!stage.Counts)
        {
            Report.Line($"{stage.Server} does not count its commands.");
            return;
        }

        Report.Line($"{string.Empty,-18}{stage.Master + " (master)",26}{string.Concat(stage.Replicas.Select(static node => $"{node,20}"))}");
        foreach (ReadFrom policy in (ReadFrom[])[ReadFrom.Master, ReadFrom.Replica, ReadFrom.ReplicaPreferred, ReadFrom.Any, ReadFrom.Nearest])
        {
            IRedisView view = redis.WithReadFrom(policy);
            await view.StringGetAsync(Callers.Key);
            await stage.TakeCountsAsync();
            await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
            {
                for (int i = 0; i < Reads / 10; i++) await view.StringGetAsync(Callers.Key);
            }));
            long[] counts = await stage.TakeCountsAsync();
            Report.Line($"{policy,-18}{counts[0],26}{counts[1],20}{counts[2],20}");
            bool isRight = counts.Sum() == Reads && (policy == ReadFrom.Master ? counts[0] == Reads : policy == ReadFrom.Any || policy == ReadFrom.Nearest || counts[0] == 0);
            if (!isRight) Report.Check(false, $"{policy} sends reads where it should");
        }
    }
}
