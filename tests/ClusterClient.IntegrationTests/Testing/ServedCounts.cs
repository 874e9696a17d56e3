// Which node served how many of which command, by the servers' own count.
using System.Globalization;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

/// <summary>
/// How often every node has run a command since <see cref="StartAsync"/> (INFO commandstats). What they had run before is remembered here and nothing is reset on the
/// servers, so several can count beside each other. A node that is started anew begins at zero, and what its process of before had run is not known any more.
/// </summary>
internal sealed class ServedCounts
{
    private readonly Dictionary<LocalNode, Start> _starts;

    private ServedCounts(Dictionary<LocalNode, Start> starts) => _starts = starts;

    /// <summary>Begins to count from zero.</summary>
    public static async Task<ServedCounts> StartAsync(IReadOnlyList<LocalNode> nodes)
    {
        Dictionary<LocalNode, Start> starts = [];
        foreach (LocalNode node in nodes) starts[node] = node.IsRunning ? new(node.ProcessId, await node.InfoAsync("commandstats"), await node.InfoAsync("errorstats")) : default;
        return new ServedCounts(starts);
    }

    /// <summary>How often a node ran a command; 0 for one that does not run.</summary>
    public Task<long> OfAsync(LocalNode node, string command) => SinceStartAsync(node, "commandstats", $"cmdstat_{command.ToLowerInvariant()}", "calls", static start => start.Commands);

    /// <summary>How often each node ran a command, in the order of the nodes.</summary>
    public async Task<long[]> OfAllAsync(string command)
    {
        long[] counts = new long[_starts.Count];
        int i = 0;
        foreach (LocalNode node in _starts.Keys) counts[i++] = await OfAsync(node, command);
        return counts;
    }

    /// <summary>How often a node answered an error of a code.</summary>
    public Task<long> ErrorsAsync(LocalNode node, string code) => SinceStartAsync(node, "errorstats", $"errorstat_{code}", "count", static start => start.Errors);

    /// <summary>How many INCR and SET a node has run since it was started; as a replica those of its master's stream, too.</summary>
    public static Task<long> WritesAsync(LocalNode node) => OfWritesAsync(node, "calls");

    /// <summary>How many INCR and SET of clients a node has refused since it was started, by a redirect or READONLY: as a replica it can do nothing else with them.</summary>
    public static Task<long> RefusedWritesAsync(LocalNode node) => OfWritesAsync(node, "rejected_calls");

    /// <summary>Whether a node answers reads within the next moment.</summary>
    public static async Task<bool> IsReadFromAsync(LocalNode node)
    {
        ServedCounts served = await StartAsync([node]);
        await Task.Delay(50);
        return await served.OfAsync(node, "get") > 0;
    }

    /// <summary>The counts are within a part of their mean.</summary>
    public static void AssertEven(IReadOnlyCollection<long> counts, double within, string what)
    {
        double mean = counts.Average();
        Assert.True(counts.All(count => Math.Abs(count - mean) <= within * mean), $"{what}: {string.Join(", ", counts)} is not even within {within:P0}.");
    }

    /// <summary>A number within a field of several, as <c>calls</c> within <c>calls=12,usec=40</c>; 0 where there is no such field.</summary>
    internal static long Part(string? field, string name)
    {
        string? part = field?.Split(',').FirstOrDefault(part => part.StartsWith($"{name}=", StringComparison.Ordinal));
        return part is null ? 0 : long.Parse(part.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    private static async Task<long> OfWritesAsync(LocalNode node, string part)
    {
        IReadOnlyDictionary<string, string> commands = await node.InfoAsync("commandstats");
        return Part(commands.GetValueOrDefault("cmdstat_incr"), part) + Part(commands.GetValueOrDefault("cmdstat_set"), part);
    }

    private async Task<long> SinceStartAsync(LocalNode node, string section, string field, string part, Func<Start, IReadOnlyDictionary<string, string>?> before)
    {
        Start start = _starts[node];
        if (!node.IsRunning) return 0;
        long now = Part((await node.InfoAsync(section)).GetValueOrDefault(field), part);
        return start.ProcessId == node.ProcessId ? now - Part(before(start)?.GetValueOrDefault(field), part) : now;
    }

    /// <summary>What a process had counted when the count began.</summary>
    private readonly record struct Start(int ProcessId, IReadOnlyDictionary<string, string>? Commands, IReadOnlyDictionary<string, string>? Errors);
}
