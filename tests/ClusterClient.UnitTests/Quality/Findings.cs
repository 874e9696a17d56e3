// Fails with every finding on a line of its own, where an assertion on a collection would cut them short.
namespace ClusterClient.UnitTests.Quality;

internal static class Findings
{
    public static void None(IEnumerable<string> findings)
    {
        string[] all = [.. findings];
        Assert.True(all.Length == 0, $"{all.Length} found:\n{string.Join('\n', all)}");
    }
}
