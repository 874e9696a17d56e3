// How a server is found, and what is said when none is.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class DiscoveryTests
{
    [Fact]
    public async Task A_path_without_a_program_is_named()
    {
        var error = await Assert.ThrowsAsync<LocalTopologyException>(() => LocalTopology.StartStandaloneAsync(new() { ServerPath = "/no/such/redis-server" }));
        Assert.Contains("/no/such/redis-server", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_no_server_is_named()
    {
        var error = await Assert.ThrowsAsync<LocalTopologyException>(() => LocalTopology.StartStandaloneAsync(new() { ServerPath = "/bin/true" }));
        Assert.Contains("names neither Redis nor Valkey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_say_how_to_switch_them_on()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => LocalTopology.StartStandaloneAsync(new() { Server = ServerKind.Container }));
        Assert.Contains("-p:UseTestcontainers=true", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garnet_is_found_through_the_repositorys_tool_manifest()
    {
        var server = await LocalTopology.FindServerAsync(new() { Server = ServerKind.Garnet });
        Assert.Equal(ServerKind.Garnet, server.Kind);
        Assert.True(server.Version.Major >= 2);

        await using var topology = await LocalTopology.StartStandaloneAsync(new() { Server = ServerKind.Garnet });
        Assert.Equal("PONG", (await topology.Node.ExecuteAsync("PING")).Text);
    }

    [Fact]
    public async Task A_server_says_what_it_cannot_do_and_what_to_use_instead()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => LocalTopology.StartSentinelAsync(1, 3, new() { Server = ServerKind.Garnet }));
        Assert.Contains("Garnet", error.Message, StringComparison.Ordinal);
        Assert.Contains("use Redis or Valkey", error.Message, StringComparison.Ordinal);
    }
}
