// The servers: a master with two replicas, outside a cluster where the server can do that (Garnet cannot), else as a cluster of one shard.
using System.Globalization;
using ClusterClient.Testing;

namespace ReadFromReplica;

internal sealed class Stage : IAsyncDisposable
{
    private readonly LocalTopology _servers;

    private Stage(LocalTopology servers) => _servers = servers;

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

    /// <summary>How often each node has run GET since the last call, which forgets.</summary>
    internal async Task<long[]> TakeCountsAsync()
    {
        long[] counts = new long[Nodes.Count];
        for (int i = 0; i < counts.Length; i++)
        {
            if (!Nodes[i].IsRunning) continue;
            string stats = (await Nodes[i].ExecuteAsync("INFO", "commandstats")).Text;
            const string Name = "cmdstat_get:calls=";
            int start = stats.IndexOf(Name, StringComparison.Ordinal);
            if (start >= 0) counts[i] = long.Parse(stats[(start + Name.Length)..].Split(',')[0], CultureInfo.InvariantCulture);
            await Nodes[i].ExecuteAsync("CONFIG", "RESETSTAT");
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
