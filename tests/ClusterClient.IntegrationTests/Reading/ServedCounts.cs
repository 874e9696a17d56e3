// Which node served how many of which command, by the servers' own count.
using System.Globalization;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Reading;

/// <summary>Asks every node how often it has run a command since <see cref="StartAsync"/> (INFO commandstats).</summary>
internal sealed class ServedCounts
{
    private readonly IReadOnlyList<LocalNode> _nodes;

    private ServedCounts(IReadOnlyList<LocalNode> nodes) => _nodes = nodes;

    /// <summary>Begins to count from zero.</summary>
    public static async Task<ServedCounts> StartAsync(IReadOnlyList<LocalNode> nodes)
    {
        foreach (LocalNode node in nodes.Where(node => node.IsRunning)) await node.ExecuteAsync("CONFIG", "RESETSTAT");
        return new ServedCounts(nodes);
    }

    /// <summary>How often a node ran a command; 0 for one that does not run.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The count is since the start that made this object.")]
    public async Task<long> OfAsync(LocalNode node, string command)
    {
        Assert.Contains(node, _nodes);
        return node.IsRunning ? Field((await node.ExecuteAsync("INFO", "commandstats")).Text, $"cmdstat_{command.ToLowerInvariant()}:calls=") : 0;
    }

    /// <summary>How often each node ran a command, in the order of the nodes.</summary>
    public async Task<long[]> OfAllAsync(string command)
    {
        long[] counts = new long[_nodes.Count];
        for (int i = 0; i < counts.Length; i++) counts[i] = await OfAsync(_nodes[i], command);
        return counts;
    }

    /// <summary>How often a node answered an error of a code.</summary>
    public static async Task<long> ErrorsAsync(LocalNode node, string code)
        => Field((await node.ExecuteAsync("INFO", "errorstats")).Text, $"errorstat_{code}:count=");

    /// <summary>The counts are within a part of their mean.</summary>
    public static void AssertEven(IReadOnlyCollection<long> counts, double within, string what)
    {
        double mean = counts.Average();
        Assert.True(counts.All(count => Math.Abs(count - mean) <= within * mean), $"{what}: {string.Join(", ", counts)} is not even within {within:P0}.");
    }

    private static long Field(string info, string name)
    {
        int start = info.IndexOf(name, StringComparison.Ordinal);
        if (start < 0) return 0;
        start += name.Length;
        int end = start;
        while (end < info.Length && char.IsAsciiDigit(info[end])) end++;
        return long.Parse(info.AsSpan(start, end - start), CultureInfo.InvariantCulture);
    }
}
