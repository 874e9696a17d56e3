// Whether the server that the tests start has Sentinel.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Sentinel;

internal static class SentinelServers
{
    /// <summary>Garnet has none: there the start itself has to say so, and nothing more can be tested.</summary>
    public static async Task<bool> AreMissingAsync()
    {
        if ((await LocalTopology.FindServerAsync()).Capabilities.HasFlag(ServerCapabilities.Sentinel)) return false;
        await Assert.ThrowsAsync<NotSupportedException>(() => LocalTopology.StartSentinelAsync(1, 1));
        return true;
    }
}
