// What a test has measured, where people and machines find it: in the test's own output, and on the console.
using ClusterClient.Testing;
using Xunit.Abstractions;

namespace ClusterClient.IntegrationTests.Testing;

internal static class Figure
{
    /// <param name="output">The test's output.</param>
    /// <param name="servers">What was measured on.</param>
    /// <param name="figure">What was measured, and how much.</param>
    public static void Print(ITestOutputHelper output, LocalTopology servers, string figure)
    {
        string line = $"FIGURE {servers.Server} {servers.ServerVersion}: {figure}";
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
