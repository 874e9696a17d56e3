// Counts the redirects that one client meets, through its public metrics.
using System.Diagnostics.Metrics;

namespace ClusterClient.IntegrationTests.Routing;

/// <summary>Counts redirects that nodes at the given ports answered: other tests' clients in this process count elsewhere.</summary>
internal sealed class RedirectCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    internal RedirectCounter(IEnumerable<int> ports)
    {
        HashSet<int> mine = [.. ports];
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Meter.Name: RedisTelemetry.MeterName, Name: "clusterclient.redirections" }) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag is { Key: "server.port", Value: int port } && mine.Contains(port)) Interlocked.Add(ref _count, value);
            }
        });
        _listener.Start();
    }

    internal long Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
