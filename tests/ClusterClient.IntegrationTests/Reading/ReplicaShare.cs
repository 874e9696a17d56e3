// How many of the paced sessions' reads replicas have answered, by the servers' own count.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>
/// Counts in stretches in which nobody's role changes: what a node has answered before it was promoted, or after it was demoted, is no master's. A session that
/// asked nobody but masters would pass every test of what it reads: that replicas have answered is half of the proof.
/// </summary>
internal sealed class ReplicaShare
{
    private readonly ServedCounts _served;
    private readonly PacedSessions _sessions;

    private ReplicaShare(ServedCounts served, PacedSessions sessions) => (_served, _sessions) = (served, sessions);

    /// <summary>How many reads nodes answered that were replicas then.</summary>
    public long ByReplicas { get; private set; }

    /// <summary>How many the sessions made in the same time.</summary>
    public long Reads { get; private set; }

    public static async Task<ReplicaShare> StartAsync(IReadOnlyList<LocalNode> nodes, PacedSessions sessions) => new(await ServedCounts.StartAsync(nodes), sessions);

    /// <summary>Counts what replicas answer while something happens.</summary>
    /// <param name="replicas">Nodes that are replicas all the time, and run at its beginning and its end.</param>
    /// <param name="happens">What happens.</param>
    /// <returns>How many reads they answered.</returns>
    public async Task<long> DuringAsync(IReadOnlyList<LocalNode> replicas, Func<Task> happens)
    {
        (long answered, long read) = ((await OfAsync(replicas)).Sum(), _sessions.Reads);
        await happens();
        long more = (await OfAsync(replicas)).Sum() - answered;
        (ByReplicas, Reads) = (ByReplicas + more, Reads + _sessions.Reads - read);
        return more;
    }

    /// <summary>Returns when each of the replicas has answered so many more.</summary>
    public async Task WaitForMoreAsync(IReadOnlyList<LocalNode> replicas, long more)
    {
        Assert.NotEmpty(replicas);
        await DuringAsync(replicas, async () =>
        {
            long[] before = await OfAsync(replicas);
            await Eventually.TrueAsync(async () => (await OfAsync(replicas)).Zip(before).All(pair => pair.First >= pair.Second + more), $"each of {string.Join(", ", replicas)} answers {more} reads of sessions");
        });
    }

    public override string ToString() => $"{ByReplicas} of {Reads} reads of these answered by replicas ({(double)ByReplicas / Math.Max(1, Reads):P0})";

    private async Task<long[]> OfAsync(IReadOnlyList<LocalNode> replicas)
    {
        long[] counts = new long[replicas.Count];
        for (int i = 0; i < counts.Length; i++) counts[i] = await _served.OfAsync(replicas[i], PacedSessions.ReadCommand);
        return counts;
    }
}
