// What a planned change costs without the client: how long the servers themselves took no write, and how long this machine stood still.
using System.Diagnostics;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Failover;

internal sealed class PlannedPause
{
    private readonly WriteProbe _probe;
    private readonly Hiccups _machine = Hiccups.Start();

    private PlannedPause(WriteProbe probe) => _probe = probe;

    /// <summary>When the watch began, before the change; a timestamp.</summary>
    internal long Begun { get; } = Stopwatch.GetTimestamp();

    /// <summary>Watches the writes that some nodes take; the change comes after it.</summary>
    internal static async Task<PlannedPause> WatchAsync(params LocalNode[] nodes) => new(await WriteProbe.StartAsync("{victim}:probe", nodes));

    /// <summary>Ends the watch.</summary>
    /// <returns>The longest pause of a client that asks the servers one write after the other, and the longest delay of this process' own timers.</returns>
    internal async Task<(TimeSpan Servers, TimeSpan Machine)> StopAsync() => (await _probe.StopAsync(), await _machine.StopAsync());
}
