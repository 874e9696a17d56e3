// Finds out how far a session has seen, and which replicas have come that far.
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>One per session; it asks when the session has read from a master for want of a sample, and when it has been at rest for a while.</summary>
internal sealed class SessionSampling(Router router, SessionState state, SessionJudge judge)
{
    /// <summary>
    /// What a session has seen is known to lie before some place in the master's history so soon after its last call: a failover after that is proved to have lost nothing,
    /// however long the session rests.
    /// </summary>
    private static readonly TimeSpan _rest = TimeSpan.FromMilliseconds(250);

    /// <summary>Replicas that lag are asked again after 1, 2, 4… ms, this often; later reads find out by themselves.</summary>
    private const int Tries = 8;

    /// <summary>So often the master may change while a token is made.</summary>
    private const int MostTries = 5;

    /// <summary>Begins to sample a shard's master, and then its replicas. Nothing waits for it: until it has succeeded, the master answers.</summary>
    internal void Begin(SessionShard shard, Connection master)
    {
        if (state.TryBeginSample(shard, out long generation)) _ = RunAsync(shard, master, generation);
    }

    /// <summary>The session has called: what it has seen is to be sampled when it has rested.</summary>
    internal void Rest(SessionShard shard)
    {
        if (state.TryBeginRest(shard)) _ = RestAsync(shard);
    }

    /// <summary>Samples a shard's master if anything that has ended is not covered yet.</summary>
    /// <exception cref="RedisException">The master did not answer.</exception>
    internal async ValueTask CompleteAsync(SessionShard shard, CancellationToken cancellationToken)
    {
        for (int i = 0; i < MostTries; i++)
        {
            if (state.IsCovered(shard, out _)) return;
            if (router.Nodes.Find(shard.Master)?.Current is not { IsOpen: true } connection) throw NoToken(shard, "is not connected");
            if (state.IsDoubtful(shard, out _)) await judge.JudgeAsync(shard, connection, int.MaxValue).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (state.IsCovered(shard, out long generation)) return;

            // The sample is behind all that had ended when the token was asked for. A master that is none any more, or does not say its history, leaves the shard to masters.
            ReplicationSample sample = await connection.Sampler.SampleAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (sample.Info is not { IsMaster: true, Id.Length: > 0 })
            {
                state.LeaveToMasters(shard);
                return;
            }

            // Another process may have answered another thread meanwhile, of which this sample says nothing.
            if (state.TryCoverBy(shard, sample, connection, generation)) return;
        }

        throw NoToken(shard, "is replaced again and again");
    }

    private static RedisConnectionException NoToken(SessionShard shard, string why) => new(
        $"The session's token cannot be given: {shard.Master}, which has answered it, {why}, so how far it had come is not known. Try again when it is back or replaced, and a command has been answered.",
        ConnectionFailure.Lost, Outcome.NotExecuted)
    { Node = shard.Master.ToString() };

    private async Task RestAsync(SessionShard shard)
    {
        await Task.Delay(_rest).ConfigureAwait(false);
        if (!state.EndRest(shard, out Connection? last) || (last ?? router.Nodes.Find(shard.Master)?.Current) is not { IsOpen: true } connection) return;

        // One that is under way may have been asked before the last call.
        if (state.TryBeginSample(shard, out long generation)) await RunAsync(shard, connection, generation).ConfigureAwait(false);
        else Rest(shard);
    }

    private async Task RunAsync(SessionShard shard, Connection master, long generation)
    {
        ReplicationSample? sample = null;
        try
        {
            sample = await master.Sampler.SampleAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RedisException or ObjectDisposedException)
        {
            // The next read that the master answers begins another.
        }

        if (state.EndSample(shard, sample, master, generation) is not { } point || router.Table.Reads?.OfMaster(shard.Master) is not { } group) return;
        await Task.WhenAll(group.Replicas.ToArray().Select(replica => FollowAsync(replica, point))).ConfigureAwait(false);
    }

    /// <summary>Asks a replica until it has come as far. Sessions that ask at the same time share the answers.</summary>
    private static async Task FollowAsync(NodeConnection replica, FreshPoint point)
    {
        try
        {
            for (int i = 0; i < Tries; i++)
            {
                if (replica.Current is not { IsOpen: true } connection) return;
                if (connection.Sampler.Latest is { } known && point.IsReachedBy(known.Info)) return;
                if (point.IsReachedBy((await connection.Sampler.SampleAsync().ConfigureAwait(false)).Info)) return;
                await Task.Delay(TimeSpan.FromMilliseconds(1 << i)).ConfigureAwait(false);
            }
        }
        catch (RedisException)
        {
            // It is not read from until somebody has asked it again.
        }
    }
}
