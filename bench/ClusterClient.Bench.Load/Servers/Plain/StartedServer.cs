// A server process of the harness's own, without persistence, on a free port.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClusterClient.Bench.Load;

internal sealed class StartedServer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private StartedServer(Process process, Target target)
    {
        _process = process;
        Target = target;
    }

    public Target Target { get; }

    public static async Task<StartedServer> StartAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        if (options.Topology != TopologyKind.Standalone)
            throw new ArgumentException($"A server of kind {options.Topology} cannot be started here yet; give one with --connect.");

        string path = options.ServerPath ?? "redis-server";
        var node = new Node("127.0.0.1", FreePort());
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true };
        foreach (string argument in (string[])["--port", node.Port.ToString(CultureInfo.InvariantCulture), "--bind", node.Host, "--save", "", "--appendonly", "no"])
            start.ArgumentList.Add(argument);

        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var server = new StartedServer(process, new Target("", [node], IsCluster: false, CaPath: null));
        try
        {
            await server.WaitUntilAnsweringAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitUntilAnsweringAsync(CancellationToken cancellationToken)
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using AdminConnection connection = await AdminConnection.ConnectAsync(Target, Target.Masters[0], cancellationToken);
                await connection.ExecuteAsync("PING", cancellationToken);
                return;
            }
            catch (IOException) when (!_process.HasExited && Stopwatch.GetElapsedTime(begun) < _patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
