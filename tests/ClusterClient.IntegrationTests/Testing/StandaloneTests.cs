// One server: start, end, freeze, restart, options.
using System.Net.Sockets;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class StandaloneTests
{
    [Fact]
    public async Task A_started_server_answers_and_says_it_is_master()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync();

        Assert.Equal("PONG", (await topology.Node.ExecuteAsync("PING")).Text);
        Assert.Equal(LocalNodeRole.Master, await topology.Node.GetRoleAsync());
        Assert.True(topology.Node.IsRunning);
        Assert.Equal($"redis://127.0.0.1:{topology.Node.Port}", topology.ConnectionString);
        Assert.NotEqual(ServerKind.Auto, topology.Server);
        Assert.True(topology.ServerVersion.Major > 0);
    }

    [Fact]
    public async Task The_process_id_is_the_servers_own()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync();

        var told = (await topology.Node.InfoAsync("server")).GetValueOrDefault("process_id");
        var commandLine = await File.ReadAllTextAsync($"/proc/{topology.Node.ProcessId}/cmdline");

        // Garnet does not tell.
        Assert.Equal(topology.Server == ServerKind.Garnet ? null : $"{topology.Node.ProcessId}", told);
        Assert.Contains($"{topology.Node.Port}", commandLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_server_refuses_connections_and_comes_back_on_the_same_port()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync();
        var (port, first) = (topology.Node.Port, topology.Node.ProcessId);

        await topology.Node.KillAsync();
        Assert.False(topology.Node.IsRunning);
        await Assert.ThrowsAsync<SocketException>(() => topology.Node.ExecuteAsync("PING"));

        await topology.Node.RestartAsync();
        Assert.Equal("PONG", (await topology.Node.ExecuteAsync("PING")).Text);
        Assert.Equal(port, topology.Node.Port);
        Assert.NotEqual(first, topology.Node.ProcessId);
    }

    [Fact]
    public async Task A_persistent_server_keeps_its_data_over_kill_and_restart()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync(new() { Persistent = true });
        await topology.Node.ExecuteAsync("SET", "kept", "value");

        await topology.Node.KillAsync();
        await topology.Node.RestartAsync();

        Assert.Equal("value", (await topology.Node.ExecuteAsync("GET", "kept")).Text);
    }

    [Fact]
    public async Task A_stopped_server_ends_by_itself()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync();
        await topology.Node.StopAsync();

        Assert.False(topology.Node.IsRunning);
        var log = await topology.Node.ReadLogAsync();
        if (topology.Server == ServerKind.Garnet)
            Assert.DoesNotContain("Unhandled exception", log, StringComparison.OrdinalIgnoreCase);
        else
            Assert.Contains("User requested shutdown", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_server_answers_nothing_until_it_thaws()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync(new() { CommandTimeout = TimeSpan.FromMilliseconds(300) });
        topology.Node.Freeze();

        Assert.True(topology.Node.IsFrozen);
        Assert.False(topology.Node.IsRunning);
        await Assert.ThrowsAsync<TimeoutException>(() => topology.Node.ExecuteAsync("PING"));

        topology.Node.Thaw();
        await Eventually.TrueAsync(async () => (await topology.Node.ExecuteAsync("PING")).Text == "PONG", "an answer after the thaw");
    }

    [Fact]
    public async Task A_frozen_server_can_be_killed_stopped_and_disposed_of()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync();
        topology.Node.Freeze();
        await topology.Node.KillAsync();
        Assert.False(topology.Node.IsFrozen);

        await topology.Node.RestartAsync();
        topology.Node.Freeze();
        await topology.Node.StopAsync();
        Assert.False(topology.Node.IsRunning);

        await topology.Node.RestartAsync();
        topology.Node.Freeze();
    }

    [Fact]
    public async Task An_error_reply_throws_with_the_servers_words()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync();
        await topology.Node.ExecuteAsync("SET", "text", "abc");

        var error = await Assert.ThrowsAsync<ServerReplyException>(() => topology.Node.ExecuteAsync("INCR", "text"));
        Assert.StartsWith("ERR value is not an integer", error.Error, StringComparison.Ordinal);
        Assert.Contains(topology.Node.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Further_configuration_reaches_the_server()
    {
        var server = await LocalTopology.FindServerAsync();
        var options = new LocalTopologyOptions();
        options.ExtraConfig.Add(server.Kind == ServerKind.Garnet ? "--max-databases 3" : "databases 3");
        await using var topology = await LocalTopology.StartStandaloneAsync(options);

        Assert.Equal("3", (await topology.Node.ExecuteAsync("CONFIG", "GET", "databases")).Items[1].Text);
    }

    [Fact]
    public async Task A_bad_directive_fails_the_start_with_the_servers_log()
    {
        var options = new LocalTopologyOptions { ServerPath = null };
        options.ExtraConfig.Add("--no-such-directive yes");

        var error = await Assert.ThrowsAsync<LocalTopologyException>(() => LocalTopology.StartStandaloneAsync(options));
        Assert.Contains("no-such-directive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_listens_on_a_unix_socket_where_asked()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync(new() { UnixSocket = true });

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(topology.Node.UnixSocketPath!));
        await socket.SendAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray());
        var buffer = new byte[64];
        var length = await socket.ReceiveAsync(buffer);
        Assert.Equal("+PONG\r\n", System.Text.Encoding.ASCII.GetString(buffer, 0, length));
    }

    [Fact]
    public async Task Many_starts_at_once_get_ports_of_their_own()
    {
        var topologies = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => LocalTopology.StartStandaloneAsync()));
        try
        {
            Assert.Equal(topologies.Length, topologies.Select(topology => topology.Node.Port).Distinct().Count());
            Assert.All(topologies, topology => Assert.InRange(topology.Node.Port, 12_000, 55_535));
        }
        finally
        {
            foreach (var topology in topologies)
                await topology.DisposeAsync();
        }
    }
}
