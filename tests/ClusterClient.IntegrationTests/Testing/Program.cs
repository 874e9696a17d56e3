// What this assembly does when a test runs it as a process of its own: it starts a topology, tells where, and waits to be killed.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

internal static class Program
{
    public static async Task Main()
    {
        await using var topology = await LocalTopology.StartClusterAsync(3, 0);
        topology.Nodes[0].Freeze();
        foreach (var node in topology.Nodes)
            Console.WriteLine($"{node.ProcessId} {node.Folder}");
        Console.WriteLine("ready");
        await Task.Delay(TimeSpan.FromMinutes(2));
    }
}
