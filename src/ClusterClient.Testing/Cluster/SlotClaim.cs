// Says again who owns slots that have just moved, should the nodes not come to agree by themselves.
using System.Diagnostics;
using System.Globalization;

namespace ClusterClient.Testing.Cluster;

/// <summary>
/// A late word of the last owner can take slots back from the new one in the middle of a move (Redis 7 believes any claim to a slot that its owner
/// was once heard not to claim). Then nobody claims them, and the nodes never agree. What an operator does then is done here: the new
/// owner is told again, with a new epoch that wins.
/// </summary>
internal sealed class SlotClaim(TopologyHost host, IReadOnlyList<int> slots, LocalNode owner)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private long _since = Stopwatch.GetTimestamp();

    public async Task RepeatIfDueAsync(CancellationToken cancellationToken)
    {
        if (!host.Program.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover) || Stopwatch.GetElapsedTime(_since) < Patience)
            return;
        var id = (await owner.ExecuteAsync(["CLUSTER", "MYID"], cancellationToken).ConfigureAwait(false)).Text;
        string[][] claims = [.. slots.Select(slot => new[] { "CLUSTER", "SETSLOT", slot.ToString(CultureInfo.InvariantCulture), "NODE", id })];
        await owner.ExecuteAllAsync([.. claims, ["CLUSTER", "BUMPEPOCH"]], cancellationToken).ConfigureAwait(false);
        foreach (var node in host.Nodes.Where(node => node != owner && node.IsRunning && !node.IsFrozen))
        {
            if (await node.GetRoleAsync(cancellationToken).ConfigureAwait(false) != LocalNodeRole.Master)
                continue;
            try
            {
                await node.ExecuteAllAsync(claims, cancellationToken).ConfigureAwait(false);
            }
            catch (ServerReplyException)
            {
                // It holds keys of the slot: the new epoch will reach it through gossip.
            }
        }

        _since = Stopwatch.GetTimestamp();
    }
}
