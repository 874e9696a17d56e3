// Waits until every node has heard what a master has said on the cluster bus so far.
namespace ClusterClient.Testing.Cluster;

/// <summary>
/// <para>
/// A slot that moves twice in a few milliseconds can end with no owner on Redis 7 and later: a node that was told of a new owner (SETSLOT NODE) and then
/// hears a word which that owner said before it took the slot, notes that "the owner does not claim it". Taking the slot back by SETSLOT NODE
/// does not wipe that note away, and while it stands anybody's claim wins, whatever its config epoch: so the owner's own claims of before, still on
/// their way, take the slot from the node that rightly has it again. Each of the two then believes the other one to be the owner, for good.
/// </para>
/// <para>
/// Claims are late by tens of milliseconds as a matter of course, because Nagle's algorithm holds back what a node sends on links it opened itself. Neither
/// the owners nor the epochs in CLUSTER NODES show what is still under way. A published message does: it travels behind
/// all of it on the same links, and a node passes it on to its subscribers only after it has digested what came before.
/// </para>
/// </summary>
internal static class ClusterHearing
{
    // A message is lost to a node whose link is just being made anew: so it is said again.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Waits until all running nodes have digested everything that <paramref name="speaker"/> has sent them so far.</summary>
    public static Task WaitAsync(TopologyHost host, LocalNode speaker, CancellationToken cancellationToken) =>
        Condition.WaitAsync($"all nodes to hear what {speaker} says of its slots", host.Options.StartTimeout, async token =>
        {
            var channel = $"clusterclient-testing:heard:{Guid.NewGuid():N}";
            LocalNode[] others = [.. host.Nodes.Where(node => node.IsRunning && node != speaker)];
            var listeners = new ClusterListener[others.Length];
            try
            {
                for (var i = 0; i < others.Length; i++)
                    listeners[i] = await ClusterListener.OpenAsync(others[i], channel, token).ConfigureAwait(false);
                await speaker.ExecuteAsync(["PUBLISH", channel, "heard"], token).ConfigureAwait(false);
                var heard = await Task.WhenAll(listeners.Select(listener => listener.HearsAsync(Patience, token))).ConfigureAwait(false);
                return Array.IndexOf(heard, false) is >= 0 and var deaf ? $"{others[deaf]} has not" : null;
            }
            finally
            {
                foreach (var listener in listeners)
                    if (listener is not null)
                        await listener.DisposeAsync().ConfigureAwait(false);
            }
        }, cancellationToken);
}
