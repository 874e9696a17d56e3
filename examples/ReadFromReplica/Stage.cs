// The servers: a master with two replicas, outside a cluster where the server can do that (Garnet cannot), else as a cluster of one shard.
using System.Globalization;
using ClusterClient.Testing;

namespace ReadFromReplica;

internal sealed class Stage : IAsyncDisposable
{
    private readonly LocalTopology _servers;

    private readonly long[] _counted;

    private Stage(LocalTopology servers) => (_servers, _counted) = (servers, new long[servers.Nodes.Count]);

    internal LocalNode Master => _servers.Nodes[0];

    internal IReadOnlyList<LocalNode> Replicas => [.. _servers.Nodes.Skip(1)];

    internal IReadOnlyList<LocalNode> Nodes => _servers.Nodes;

    internal ServerKind Server => _servers.Server;

    internal Version ServerVersion => _servers.ServerVersion;

    /// <summary>Whether the servers count the commands they run.</summary>
    internal bool Counts => Server != ServerKind.Garnet;

    internal static async Task<Stage> StartAsync()
    {
        bool replicates = (await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.Replication);
        return new Stage(replicates ? await LocalTopology.StartReplicatedAsync(replicas: 2) : await LocalTopology.StartClusterAsync(masters: 1, replicasPerMaster: 2));
    }

    /// <summary>What an operator does when the master is gone: one replica is promoted, the other made to follow it.</summary>
    internal async Task PromoteAsync(LocalNode heir)
    {
        if (_servers is LocalCluster cluster)
        {
            await cluster.FailoverAsync(heir, FailoverMode.Takeover);
            return;
        }

        await heir.ExecuteAsync("REPLICAOF", "NO", "ONE");
        foreach (LocalNode other in Replicas.Where(other => other != heir))
            await other.ExecuteAsync("REPLICAOF", heir.Host, heir.Port.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>How often each node has run GET since the last call.</summary>
    internal async Task<long[]> TakeCountsAsync()
    {
        long[] counts = new long[Nodes.Count];
        for (int i = 0; i < counts.Length; i++)
        {
            // cmdstat_get:calls=12,usec=40,…
            if (!(await Nodes[i].InfoAsync("commandstats")).TryGetValue("cmdstat_get", out string? get)) continue;
            long calls = long.Parse(get["calls=".Length..get.IndexOf(',')], CultureInfo.InvariantCulture);
            (counts[i], _counted[i]) = (calls - _counted[i], calls);
        }

        return counts;
    }

    /// <summary>Returns when both replicas have a key: they copy in the background.</summary>
    internal async Task WaitUntilCopiedAsync(string key)
    {
        foreach (LocalNode replica in Replicas)
        {
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
            while ((await replica.ExecuteAllAsync(Server == ServerKind.Garnet ? [["READONLY"], ["EXISTS", key]] : [["EXISTS", key]], patience.Token))[^1].Number == 0)
                await Task.Delay(10, patience.Token);
        }
    }

    public ValueTask DisposeAsync() => _servers.DisposeAsync();
}
