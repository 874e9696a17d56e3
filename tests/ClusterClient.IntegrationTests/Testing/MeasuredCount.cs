// Counts what clients of this process measure, through their public metrics.
using System.Diagnostics.Metrics;

namespace ClusterClient.IntegrationTests.Testing;

/// <summary>The sum of what one instrument says under certain values of a tag: other tests' clients in this process say it under others.</summary>
internal class MeasuredCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    /// <param name="instrument">A counter of the client's.</param>
    /// <param name="tag">The name of the tag.</param>
    /// <param name="values">The tag's values that count.</param>
    internal MeasuredCount(string instrument, string tag, IEnumerable<object> values)
    {
        HashSet<object> mine = [.. values];
        _listener.InstrumentPublished = (published, listener) =>
        {
            if (published.Meter.Name == RedisTelemetry.MeterName && published.Name == instrument) listener.EnableMeasurementEvents(published);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> said in tags)
            {
                if (said.Key == tag && said.Value is { } its && mine.Contains(its)) Interlocked.Add(ref _count, value);
            }
        });
        _listener.Start();
    }

    internal long Count => Volatile.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
