// What the server under test cannot do: where it lacks something, exactly that is asserted, and is all there is to test.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

internal static class ServerLacks
{
    /// <summary>Replication outside a cluster, which Garnet has not.</summary>
    public static Task<bool> ReplicationAsync() => IsRefusedAsync(ServerCapabilities.Replication, static () => LocalTopology.StartReplicatedAsync(1));

    /// <summary>Sentinel, which Garnet has not.</summary>
    public static Task<bool> SentinelAsync() => IsRefusedAsync(ServerCapabilities.Sentinel, static () => LocalTopology.StartSentinelAsync(1, 1));

    /// <summary>A count of the commands that each node served (INFO commandstats), which Garnet does not keep.</summary>
    public static async Task<bool> CommandCountsAsync()
    {
        if ((await LocalTopology.FindServerAsync()).Kind != ServerKind.Garnet) return false;
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync();
        await server.Node.ExecuteAsync("GET", "k");
        Assert.DoesNotContain("cmdstat_get", (await server.Node.ExecuteAsync("INFO")).Text, StringComparison.OrdinalIgnoreCase);
        return true;
    }

    private static async Task<bool> IsRefusedAsync<T>(ServerCapabilities capability, Func<Task<T>> start)
    {
        LocalServer server = await LocalTopology.FindServerAsync();
        if (server.Capabilities.HasFlag(capability)) return false;
        NotSupportedException refusal = await Assert.ThrowsAsync<NotSupportedException>(start);
        Assert.Contains(server.Kind.ToString(), refusal.Message, StringComparison.Ordinal);
        return true;
    }
}
