// What is measured of one node, with its tags made once.
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterClient.Diagnostics;

/// <summary>One client's view of one node. Nothing here is on the path of a command.</summary>
internal sealed class NodeTelemetry : IDisposable
{
    private readonly TagList _tags;
    private readonly TagList _poolTags;
    private readonly KeyValuePair<string, object?>[] _connectionTags;
    private readonly KeyValuePair<string, object?>[] _pendingTags;
    private long _connections;
    private Func<int>? _pending;

    public NodeTelemetry(Telemetry client, NodeEndpoint node, string? purpose = null)
    {
        Address = node.Host;
        Port = node.IsUnixSocket || node.Port == NodeEndpoint.DefaultPort ? null : node.Port;
        _tags = [new(TagNames.SystemName, TagNames.Redis), new(TagNames.Namespace, client.DatabaseNamespace), new(TagNames.ServerAddress, Address)];
        if (Port is not null) _tags.Add(TagNames.ServerPort, Port);

        // The conventions ask for a name unique in the process; clients of one node and database share theirs unless they have names.
        string pool = client.ClientName is null ? $"{node}/{client.DatabaseNamespace}" : $"{client.ClientName}@{node}/{client.DatabaseNamespace}";
        if (purpose is not null) pool = $"{pool}/{purpose}";
        _poolTags = _tags;
        _poolTags.Add(TagNames.PoolName, pool);
        _pendingTags = [.. _poolTags];
        _connectionTags = [.. _pendingTags, new(TagNames.ConnectionState, TagNames.Used)];
        Instruments.Watch(this);
    }

    /// <summary>The host, or the path of a Unix socket.</summary>
    public string Address { get; }

    /// <summary>The boxed port; null for the default port, which the conventions leave out.</summary>
    public object? Port { get; }

    /// <summary>System, namespace, address and port; a copy to add to.</summary>
    public TagList Tags => _tags;

    /// <summary>A connection is ready, <paramref name="createTime"/> after it was begun.</summary>
    public void ConnectionOpened(TimeSpan createTime)
    {
        Interlocked.Increment(ref _connections);
        if (Instruments.ConnectionCreateTime.Enabled) Instruments.ConnectionCreateTime.Record(createTime.TotalSeconds, _poolTags);
    }

    /// <summary>A connection that was ready is gone.</summary>
    public void ConnectionClosed() => Interlocked.Decrement(ref _connections);

    /// <summary>Says who knows how many commands wait for a connection or for room on it; asked only when somebody listens.</summary>
    public void WatchPending(Func<int> count) => Volatile.Write(ref _pending, count);

    /// <summary>A command's deadline passed while it waited.</summary>
    public void WaitTimedOut()
    {
        if (Instruments.Timeouts.Enabled) Instruments.Timeouts.Add(1, _poolTags);
    }

    /// <summary>The node's connection was made again after a loss.</summary>
    public void Reconnected()
    {
        if (Instruments.Reconnects.Enabled) Instruments.Reconnects.Add(1, _tags);
    }

    /// <summary>The node answered MOVED.</summary>
    public void Moved() => Redirected(TagNames.Moved);

    /// <summary>The node answered ASK.</summary>
    public void Asked() => Redirected(TagNames.Ask);

    /// <inheritdoc/>
    public void Dispose() => Instruments.Unwatch(this);

    internal Measurement<long> MeasureConnections() => new(Volatile.Read(ref _connections), _connectionTags);

    internal Measurement<long> MeasurePending() => new(Volatile.Read(ref _pending)?.Invoke() ?? 0, _pendingTags);

    private void Redirected(string kind)
    {
        if (!Instruments.Redirections.Enabled) return;
        TagList tags = _tags;
        tags.Add(TagNames.RedirectKind, kind);
        Instruments.Redirections.Add(1, tags);
    }
}
