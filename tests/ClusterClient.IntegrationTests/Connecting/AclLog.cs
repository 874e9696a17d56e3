// What a server has refused its users, by its own word (ACL LOG).
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

internal static class AclLog
{
    /// <summary>Nothing was refused that a client cannot do without: a library's name may be (CLIENT SETINFO, which servers know from Redis 7.2 on).</summary>
    internal static async Task AssertNothingIsMissedAsync(IEnumerable<LocalNode> nodes)
    {
        foreach (LocalNode node in nodes)
        {
            string refused = string.Join(';', (await node.ExecuteAsync("ACL", "LOG")).Items.Select(static entry => string.Join(' ', entry.Items.Select(static field => field.ToString()))));
            Assert.DoesNotMatch("object (?!client.setinfo)", refused);
        }
    }
}
