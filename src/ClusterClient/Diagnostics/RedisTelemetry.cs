// The names under which logs, metrics and traces of this library are found.
namespace ClusterClient;

/// <summary>Names to give to a metrics or tracing pipeline: <c>AddMeter(RedisTelemetry.MeterName)</c>, <c>AddSource(RedisTelemetry.ActivitySourceName)</c>.</summary>
public static class RedisTelemetry
{
    /// <summary>The name of the Meter: <c>ClusterClient</c>.</summary>
    public const string MeterName = "ClusterClient";

    /// <summary>The name of the ActivitySource: <c>ClusterClient</c>.</summary>
    public const string ActivitySourceName = "ClusterClient";

    /// <summary>The version of the OpenTelemetry semantic conventions that names and attributes follow.</summary>
    public const string TelemetrySchemaUrl = "https://opentelemetry.io/schemas/1.44.0";
}
