// Sessions of three kinds on servers that are about to change their roles: at rest, at full speed, and with pauses, so that replicas answer them.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Reading;

internal sealed record SessionStage(FreshnessServers Servers, RedisClient Redis, RestingSessions Resting, SessionLoad Load, PacedSessions Paced, ReplicaShare Share) : IAsyncDisposable
{
    /// <summary>So many reads each replica answers before a change of masters, and so many afterwards.</summary>
    private const int ReadsOfEach = 300;

    /// <summary>Null where the server lacks what it takes.</summary>
    public static async Task<SessionStage?> StartAsync(TopologyKind kind, int replicas = 2, string options = "")
        => await FreshnessServers.StartAsync(kind, replicas) is { } servers ? await StartAsync(servers, options) : null;

    public static async Task<SessionStage> StartAsync(FreshnessServers servers, string options = "")
    {
        RedisClient redis = await servers.ConnectAsync(options);
        RestingSessions resting = await RestingSessions.StartAsync(redis, servers.Replicas);
        PacedSessions paced = new(redis);
        return new(servers, redis, resting, new(redis), paced, await ReplicaShare.StartAsync(servers.Nodes, paced));
    }

    /// <summary>Returns when the sessions at full speed have done so many more pairs, and each node that is a replica now has answered its part of the others' reads.</summary>
    public async Task RunAsync(long pairs)
    {
        Task done = Load.WaitForMoreAsync(pairs);
        await Share.WaitForMoreAsync(await ReplicasAsync(), ReadsOfEach);
        await done;
    }

    /// <summary>The sessions end. No answer was older than what its session had seen, unless the session had said so; and replicas have answered.</summary>
    /// <param name="output">The test's output.</param>
    /// <param name="what">What has happened.</param>
    /// <param name="mayLose">Whether the servers themselves may have lost something, once.</param>
    public async Task<SessionPairs> EndAsync(ITestOutputHelper output, string what, bool mayLose)
    {
        SessionPairs seen = await Load.StopAsync();
        PacedPairs paced = await Paced.StopAsync();
        int restingTold = await Resting.ReadAsync();
        Figure.Print(output, Servers.Topology, $"{what}: {seen}; {paced}, {Share}; of {RestingSessions.Count} sessions at rest {restingTold} told");
        RedisException[] problems = [.. Load.Problems, .. Paced.Problems];
        foreach (string problem in problems.Select(static problem => problem.Message).Distinct().Take(5)) output.WriteLine(problem);
        if (!mayLose) foreach (string loss in Paced.Losses) output.WriteLine(loss);
        Assert.Equal((0, 0), (seen.Stale, paced.Stale));
        Assert.True(Share.ByReplicas >= 2 * ReadsOfEach, $"Replicas answered {Share}.");
        Assert.InRange(seen.Failures, 0, mayLose ? SessionLoad.Sessions : 0); // what was on the wire: at most one call of each caller
        Assert.InRange(Paced.Problems.Count, 0, mayLose ? PacedSessions.Callers : 0);
        Assert.All(problems, static problem => Assert.Equal(Outcome.Unknown, problem.Outcome));
        Assert.Equal(0, restingTold);
        Assert.InRange(paced.StepsBack, 0, mayLose ? 1 : 0); // behind the loss its answers are in order again
        if (!mayLose) Assert.Equal((0, 0, 0, 0), (seen.Told, seen.Lost, paced.Told, paced.Lost));
        return seen;
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Servers.DisposeAsync();
    }

    /// <summary>The nodes that are replicas now, as soon as all of them have their link.</summary>
    private async Task<IReadOnlyList<LocalNode>> ReplicasAsync()
    {
        List<LocalNode> replicas = [];
        await Eventually.TrueAsync(
            async () =>
            {
                replicas.Clear();
                foreach (LocalNode node in Servers.Nodes.Where(static node => node.IsRunning))
                {
                    AdminReply role = await node.ExecuteAsync("ROLE");
                    if (role.Items[0].Text == "master") continue;
                    if (role.Items[3].Text != "connected") return false;
                    replicas.Add(node);
                }

                return replicas.Count > 0;
            },
            "the replicas have their links");
        return replicas;
    }
}
