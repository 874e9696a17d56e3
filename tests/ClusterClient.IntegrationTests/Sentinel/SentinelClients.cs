// Who is connected to a server, by the server's own word (CLIENT LIST).
using System.Text.RegularExpressions;
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Sentinel;

internal static partial class SentinelClients
{
    /// <summary>The lines of the connections that carry a name; of all for null.</summary>
    internal static async Task<string[]> OfAsync(LocalNode node, string? name)
        => [.. (await node.ExecuteAsync("CLIENT", "LIST")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => name is null || line.Contains($" name={name} ", StringComparison.Ordinal))];

    /// <summary>Waits until a client has so many connections: to a Sentinel one for questions and one for events.</summary>
    internal static async Task AreAsync(LocalNode node, string name, int count)
    {
        string[] found = [];
        await Eventually.TrueAsync(async () => (found = await OfAsync(node, name)).Length == count, $"{node} has {count} connections of {name}; it has: {string.Join(Environment.NewLine, found)}");
    }

    /// <summary>Waits until somebody hears all events of a Sentinel: a client subscribes in the background, to more than ten channels. Sentinels subscribe to none of each other.</summary>
    internal static Task HearAsync(LocalNode sentinel)
        => Eventually.TrueAsync(async () => (await OfAsync(sentinel, name: null)).Any(static line => HeardChannels().IsMatch(line)), $"the events of {sentinel} are listened to");

    [GeneratedRegex(" sub=[1-9][0-9] ")]
    private static partial Regex HeardChannels();
}
