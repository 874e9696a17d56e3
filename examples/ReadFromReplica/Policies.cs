// Which node answers under which policy, by the servers' own count.
using ClusterClient;

namespace ReadFromReplica;

internal static class Policies
{
    /// <summary>The zone of this program, and of the first replica.</summary>
    internal const string Zone = "zone-a";

    private const int Readers = 16;
    private const int ReadsEach = 500;
    private const long All = Readers * ReadsEach;

    internal static async Task ShowAsync(RedisClient redis, Stage stage)
    {
        Report.Title($"Who answers {All} reads");
        if (!stage.Counts)
        {
            Report.Line($"{stage.Server} does not count its commands.");
            return;
        }

        await WaitUntilAllMayAnswerAsync(redis, stage);
        int last = stage.Replicas[^1].Port;
        ReadFrom own = ReadFrom.Custom(candidates =>
        {
            for (int i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].Endpoint.Port == last) return i;
            }

            return -1; // nobody: the read waits until the one it wants can be asked
        });
        Report.Line($"  {string.Empty,-18}{stage.Master + " (master)",26}{string.Concat(stage.Replicas.Select(static node => $"{node,20}"))}");
        await CheckAsync(redis, stage, ReadFrom.Master, "the master", static counts => counts is [All, 0, 0]);
        await CheckAsync(redis, stage, ReadFrom.MasterPreferred, "the master, while it lives", static counts => counts is [All, 0, 0]);
        await CheckAsync(redis, stage, ReadFrom.Replica, "replicas, evenly", static counts => counts[0] == 0 && AreEven(counts[1..]));
        await CheckAsync(redis, stage, ReadFrom.ReplicaPreferred, "replicas, evenly", static counts => counts[0] == 0 && AreEven(counts[1..]));
        await CheckAsync(redis, stage, ReadFrom.Any, "all, evenly", AreEven);

        // On one machine all are about as near, and how they share is chance: only that each read has been answered once can be told.
        await CheckAsync(redis, stage, ReadFrom.Nearest, "whoever answers soonest", static counts => counts.Sum() == All);
        await CheckAsync(redis, stage, ReadFrom.AzAffinity, $"the replica in {Zone}", static counts => counts is [0, All, 0]);
        await CheckAsync(redis, stage, own, "the last replica, by a selector of one's own", static counts => counts is [0, 0, All]);
    }

    /// <summary>Returns when every node is offered to a selector: a replica is not read from before it is connected and has said that it is in step.</summary>
    private static async Task WaitUntilAllMayAnswerAsync(RedisClient redis, Stage stage)
    {
        int offered = 0;
        IRedisView view = redis.WithReadFrom(ReadFrom.Custom(candidates =>
        {
            offered = candidates.Length;
            return 0;
        }));
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        while (offered < stage.Nodes.Count)
        {
            await view.StringGetAsync(Callers.Key, patience.Token);
            await Task.Delay(10, patience.Token);
        }
    }

    private static async Task CheckAsync(RedisClient redis, Stage stage, ReadFrom policy, string who, Func<long[], bool> isRight)
    {
        IRedisView view = redis.WithReadFrom(policy);
        await view.StringGetAsync(Callers.Key);
        await stage.TakeCountsAsync();
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < ReadsEach; i++) await view.StringGetAsync(Callers.Key);
        })));
        long[] counts = await stage.TakeCountsAsync();
        Report.Check(isRight(counts), $"{policy,-18}{counts[0],26}{counts[1],20}{counts[2],20}   {who}");
    }

    /// <summary>Whether they have answered all reads, each within a fifth of its fair part.</summary>
    private static bool AreEven(long[] counts) => counts.Sum() == All && counts.All(count => Math.Abs((double)(count * counts.Length) - All) <= All / 5.0);
}
