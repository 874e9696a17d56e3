// The process-wide Meter, its instruments and the ActivitySource, named after the OpenTelemetry database conventions.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterClient.Diagnostics;

internal static class Instruments
{
    private static readonly string? s_version = typeof(Instruments).Assembly.GetName().Version?.ToString(3);

    /// <summary>Every node some client holds, for the instruments that are read instead of written: so a listener that comes late still sees true counts.</summary>
    private static readonly ConcurrentDictionary<NodeTelemetry, byte> s_nodes = [];

    public static ActivitySource ActivitySource { get; } = new(new ActivitySourceOptions(RedisTelemetry.ActivitySourceName)
    {
        Version = s_version,
        TelemetrySchemaUrl = RedisTelemetry.TelemetrySchemaUrl,
    });

    public static Meter Meter { get; } = new(new MeterOptions(RedisTelemetry.MeterName)
    {
        Version = s_version,
        TelemetrySchemaUrl = RedisTelemetry.TelemetrySchemaUrl,
    });

    private static readonly InstrumentAdvice<double> s_seconds = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] };

    public static Histogram<double> OperationDuration { get; } = Meter.CreateHistogram(
        "db.client.operation.duration", "s", "Duration of database client operations.", tags: null, s_seconds);

    public static Histogram<double> ConnectionCreateTime { get; } = Meter.CreateHistogram(
        "db.client.connection.create_time", "s", "The time it took to create a new connection, TLS and handshake included.", tags: null, s_seconds);

    public static Counter<long> Timeouts { get; } = Meter.CreateCounter<long>(
        "db.client.connection.timeouts", "{timeout}", "Commands whose deadline passed while they waited for a connection or for room on it.");

    public static Counter<long> Redirections { get; } = Meter.CreateCounter<long>(
        "clusterclient.redirections", "{redirection}", "MOVED and ASK answers.");

    public static Counter<long> TopologyRefreshes { get; } = Meter.CreateCounter<long>(
        "clusterclient.topology.refreshes", "{refresh}", "Rounds of asking the deployment for its topology.");

    public static Histogram<double> MasterlessGaps { get; } = Meter.CreateHistogram(
        "clusterclient.masterless.duration", "s", "How long a master that owns slots was gone, until it was back or another had its slots.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80] });

    public static Counter<long> Reconnects { get; } = Meter.CreateCounter<long>(
        "clusterclient.reconnects", "{reconnect}", "Connections made again after a loss.");

    public static Counter<long> UnknownOutcomes { get; } = Meter.CreateCounter<long>(
        "clusterclient.unknown_outcomes", "{command}", "Commands that ended without anybody knowing whether they ran.");

    public static Counter<long> Retries { get; } = Meter.CreateCounter<long>(
        "clusterclient.retries", "{retry}", "Commands sent again after a temporary refusal or a lost connection.");

    public static Counter<long> RevokedFailovers { get; } = Meter.CreateCounter<long>(
        "clusterclient.failovers.revoked", "{failover}", "Eager Sentinel failovers that were not confirmed: what was written to the master of the moment is lost.");

    private static readonly ObservableUpDownCounter<long> s_connections = Meter.CreateObservableUpDownCounter(
        "db.client.connection.count", static () => s_nodes.Keys.Select(static node => node.MeasureConnections()), "{connection}", "Connections that are open.");

    private static readonly ObservableUpDownCounter<long> s_pendingRequests = Meter.CreateObservableUpDownCounter(
        "db.client.connection.pending_requests", static () => s_nodes.Keys.Select(static node => node.MeasurePending()), "{request}", "Commands waiting for a connection or for room on it.");

    public static void Watch(NodeTelemetry node) => s_nodes[node] = 0;

    public static void Unwatch(NodeTelemetry node) => s_nodes.TryRemove(node, out _);
}
