// Nothing is left behind, however the process that started the servers ends.
using System.Diagnostics;
using System.Globalization;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class CleanupTests
{
    [Fact]
    public async Task Servers_and_data_are_gone_after_the_end()
    {
        var topology = await LocalTopology.StartStandaloneAsync();
        var (process, folder) = (topology.Node.ProcessId, topology.Node.Folder);
        Assert.True(Directory.Exists(folder));

        await topology.DisposeAsync();
        await topology.DisposeAsync();

        Assert.False(Directory.Exists($"/proc/{process}"));
        Assert.False(Directory.Exists(Path.GetDirectoryName(folder)));
    }

    [Fact]
    public async Task Servers_and_data_are_gone_after_a_failed_start()
    {
        var parent = Directory.CreateTempSubdirectory("clusterclient-test-");
        var options = new LocalTopologyOptions { DataDirectory = parent.FullName };
        options.ExtraConfig.Add("--no-such-directive yes");

        await Assert.ThrowsAsync<LocalTopologyException>(() => LocalTopology.StartStandaloneAsync(options));

        Assert.Empty(parent.EnumerateFileSystemInfos());
        parent.Delete();
    }

    [Fact]
    public async Task Servers_and_data_are_gone_after_a_cancelled_start()
    {
        var parent = Directory.CreateTempSubdirectory("clusterclient-test-");
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(150));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            LocalTopology.StartClusterAsync(3, 0, new() { DataDirectory = parent.FullName }, cancellation.Token));

        Assert.Empty(parent.EnumerateFileSystemInfos());
        parent.Delete();
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Servers_and_data_are_gone_after_the_starting_process_was_ended(string signal)
    {
        // Whoever runs the tests in the background of a script has SIGINT ignored for all that it starts: here it must count.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", Environment.ProcessPath!, "exec", typeof(Program).Assembly.Location])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var starter = Process.Start(start)!;
        var servers = new List<(int Id, string Folder)>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await starter.StandardOutput.ReadLineAsync(limit.Token) is { } line && line != "ready")
            servers.Add((int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture), line.Split(' ')[1]));
        Assert.Equal(3, servers.Count);
        Assert.All(servers, server => Assert.True(Directory.Exists($"/proc/{server.Id}")));

        using (var kill = Process.Start("/bin/kill", ["-s", signal, starter.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        await starter.WaitForExitAsync(limit.Token);

        // The first of them is frozen: it must go as well.
        await Eventually.TrueAsync(() => servers.All(server => !Directory.Exists($"/proc/{server.Id}")), "all servers are gone");
        var data = Path.GetDirectoryName(servers[0].Folder)!;
        await Eventually.TrueAsync(() => !Directory.Exists(data), $"{data} is gone");
    }
}
