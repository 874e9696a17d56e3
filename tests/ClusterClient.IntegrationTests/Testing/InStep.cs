// Waits until replicas have all that their master has written.
using System.Globalization;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

internal static class InStep
{
    /// <summary>
    /// Writes a mark, and returns when so many replicas have it. Replication is asynchronous; and after its first synchronisation a replica is sent what is written since
    /// only when it has said that it is ready, up to a second later.
    /// </summary>
    /// <param name="master">The master.</param>
    /// <param name="replicas">How many follow it directly.</param>
    /// <param name="key">The mark; in a cluster a key of that master's.</param>
    public static Task WaitAsync(LocalNode master, int replicas, string key = "in-step")
        => Eventually.TrueAsync(
            async () => (await master.ExecuteAllAsync([["SET", key, "1"], ["WAIT", replicas.ToString(CultureInfo.InvariantCulture), "1000"]]))[1].Number == replicas, $"{replicas} replicas follow {master}");
}
