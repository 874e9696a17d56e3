// Makes a replica the master of its shard.
using System.Diagnostics;

namespace ClusterClient.Testing.Cluster;

internal static class ClusterFailover
{
    // A manual failover that lost its vote ends silently after 5 s, and may then be asked for again.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(6);

    public static Task PromoteAsync(TopologyHost host, LocalNode replica, FailoverMode mode, CancellationToken cancellationToken)
    {
        long? asked = null;
        return Condition.WaitAsync($"{replica} to become master ({mode})", host.Options.StartTimeout, async token =>
        {
            if (await replica.GetRoleAsync(token).ConfigureAwait(false) == LocalNodeRole.Replica)
            {
                if (asked is null || Stopwatch.GetElapsedTime(asked.Value) > Retry)
                {
                    await replica.ExecuteAsync(Command(mode), token).ConfigureAwait(false);
                    asked = Stopwatch.GetTimestamp();
                }
                return "it is still a replica";
            }
            return await MissingAsync(host, replica, token).ConfigureAwait(false);
        }, cancellationToken);
    }

    /// <summary>On Garnet a master whose slots were taken over (FORCE, TAKEOVER) stays a master without slots until it is told; elsewhere it follows by itself.</summary>
    public static async Task DemoteAsync(LocalNode old, LocalNode master, CancellationToken cancellationToken)
    {
        if (old.Program.Kind == ServerKind.Garnet && old.IsRunning && await old.GetRoleAsync(cancellationToken).ConfigureAwait(false) == LocalNodeRole.Master)
            await ClusterCreation.ReplicateAsync(old, master, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string?> MissingAsync(TopologyHost host, LocalNode promoted, CancellationToken cancellationToken)
    {
        foreach (var node in host.Nodes.Where(node => node.IsRunning))
        {
            var view = await ClusterAgreement.ViewAsync(node, cancellationToken).ConfigureAwait(false);
            if (view.OnPort(promoted.Port) is not { IsMaster: true, Slots.Length: > 0 })
                return $"{node} does not see it as the owner of its slots yet";
        }
        return null;
    }

    private static string[] Command(FailoverMode mode) => mode switch
    {
        FailoverMode.Graceful => ["CLUSTER", "FAILOVER"],
        FailoverMode.Force => ["CLUSTER", "FAILOVER", "FORCE"],
        FailoverMode.Takeover => ["CLUSTER", "FAILOVER", "TAKEOVER"],
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "an unknown mode of failover."),
    };
}
