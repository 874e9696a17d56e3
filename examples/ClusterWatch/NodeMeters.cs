// Counts what the client's Meter tells, node by node.
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ClusterClient;

namespace ClusterWatch;

/// <summary>What was counted of one node since the start.</summary>
internal sealed class NodeCounts
{
    internal long Commands;
    internal long Errors;
    internal long Redirections;
    internal long Reconnects;
    internal double Seconds;
}

internal sealed class NodeMeters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Host, int Port), NodeCounts> _nodes = [];
    private long _retries;
    private long _unknown;

    /// <param name="listens">Whether this client's own commands are counted; else somebody enters the servers' counts.</param>
    internal NodeMeters(bool listens)
    {
        if (!listens) return;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == RedisTelemetry.MeterName && !instrument.IsObservable) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>(OnDuration);
        _listener.SetMeasurementEventCallback<long>(OnCount);
        _listener.Start();
    }

    /// <summary>Commands sent again.</summary>
    internal long Retries => Volatile.Read(ref _retries);

    /// <summary>Commands of which nobody knows whether they ran.</summary>
    internal long UnknownOutcomes => Volatile.Read(ref _unknown);

    internal NodeCounts Of(NodeEndpoint node) => _nodes.GetOrAdd((node.Host, node.Port), static _ => new());

    internal long Sum(Func<NodeCounts, long> what) => _nodes.Values.Sum(what);

    public void Dispose() => _listener.Dispose();

    private void OnDuration(Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name != "db.client.operation.duration") return;
        NodeCounts counts = Find(tags, out bool failed);
        Interlocked.Increment(ref counts.Commands);
        if (failed) Interlocked.Increment(ref counts.Errors);
        for (double seen = Volatile.Read(ref counts.Seconds); ;)
        {
            double before = Interlocked.CompareExchange(ref counts.Seconds, seen + seconds, seen);
            if (before.Equals(seen)) return;
            seen = before;
        }
    }

    private void OnCount(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        switch (instrument.Name)
        {
            case "clusterclient.redirections":
                Interlocked.Add(ref Find(tags, out _).Redirections, value);
                break;
            case "clusterclient.reconnects":
                Interlocked.Add(ref Find(tags, out _).Reconnects, value);
                break;
            case "clusterclient.retries":
                Interlocked.Add(ref _retries, value);
                break;
            case "clusterclient.unknown_outcomes":
                Interlocked.Add(ref _unknown, value);
                break;
        }
    }

    /// <summary>The conventions leave out the default port; a command that never had a node is counted for none.</summary>
    private NodeCounts Find(ReadOnlySpan<KeyValuePair<string, object?>> tags, out bool failed)
    {
        string host = "";
        int port = NodeEndpoint.DefaultPort;
        failed = false;
        foreach ((string name, object? value) in tags)
        {
            if (name == "server.address") host = (string?)value ?? "";
            else if (name == "server.port" && value is int given) port = given;
            else if (name == "error.type") failed = true;
        }

        return _nodes.GetOrAdd((host, port), static _ => new());
    }
}
