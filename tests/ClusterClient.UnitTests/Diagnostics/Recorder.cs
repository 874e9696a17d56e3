// Listens to chosen instruments and keeps what they say, in order.
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ClusterClient.UnitTests.Diagnostics;

internal sealed class Recorder : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(double Value, string Tags)> _seen = [];

    public Recorder(params string[] instruments)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RedisTelemetry.MeterName && instruments.Contains(instrument.Name)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => Keep(value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Keep(value, tags));
        _listener.Start();
    }

    /// <summary>Whether what is heard is kept; a test of allocations wants a listener that costs nothing itself.</summary>
    public bool Keeps { get; init; } = true;

    public void Observe() => _listener.RecordObservableInstruments();

    /// <summary>Other tests run at the same time on the same Meter: each looks for its own tag.</summary>
    public (double Value, string Tags)[] Where(string tag) => [.. _seen.Where(s => s.Tags.Contains(tag, StringComparison.Ordinal))];

    public static string Text(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.OrderBy(static t => t.Key, StringComparer.Ordinal).Select(static t => $"{t.Key}={t.Value}"));

    public void Dispose() => _listener.Dispose();

    private void Keep(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Keeps) _seen.Enqueue((value, Text(tags.ToArray())));
    }
}
