// Finds out, before a session is shown the first answer of another master or process, whether all that it has seen lives on there.
using System.Diagnostics;
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// A reply that is held meanwhile costs one round trip more, once for each change of masters. After a planned failover in which nothing was lost the old master is asked too: it alone
/// knows how far it had come when it gave up.
/// </summary>
internal sealed class SessionJudge(SessionState state)
{
    /// <summary>A demoted master has followed its successor within milliseconds, or will be given its data anew. (The new one has just answered, and will again.)</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when it is known, or when it is known that it cannot be; never fails. All who ask at the same time share one judgement.</summary>
    /// <param name="shard">The session's knowledge of the new master.</param>
    /// <param name="on">The connection that its answer came on.</param>
    /// <param name="millisecondsLeft">What is left of the call's deadline.</param>
    internal Task JudgeAsync(SessionShard shard, Connection on, int millisecondsLeft)
    {
        return state.ShareJudgement(shard, () => RunAsync(shard, on, TimeSpan.FromMilliseconds(Math.Max(1, millisecondsLeft))));
    }

    private async Task RunAsync(SessionShard shard, Connection on, TimeSpan deadline)
    {
        await Task.Yield(); // out of the state's lock
        _ = state.IsDoubtful(shard, out long generation);
        ReplicationSample? heir = await TrySampleAsync(on, deadline).ConfigureAwait(false);
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            TimeSpan left = (deadline < _patience ? deadline : _patience) - Stopwatch.GetElapsedTime(began);
            if (state.Judge(shard, heir, on, generation, mayAsk: left > TimeSpan.Zero) is not { } asked) return;
            ReplicationSample? told = await TrySampleAsync(asked.Witness!, left).ConfigureAwait(false);
            if (told is null || !state.TryTestify(asked, told.Info)) await Task.Delay(_pause).ConfigureAwait(false);
        }
    }

    private static async Task<ReplicationSample?> TrySampleAsync(Connection on, TimeSpan patience)
    {
        try
        {
            return await on.Sampler.SampleAsync().WaitAsync(patience).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return null; // It cannot be proved, and the session will say so.
        }
    }
}
