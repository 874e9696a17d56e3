// How calls are made beside their arguments: with a token, over a view, while somebody listens.
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ClusterClient.Bench.Load;

/// <summary>The default is the plain call. One is made for each client, and ends with it.</summary>
internal sealed class OwnCallStyle : IDisposable
{
    private readonly IDisposable? _ends;

    public OwnCallStyle(IDisposable? ends = null) => _ends = ends;

    public CancellationToken Token { get; private init; }

    public Func<RedisClient, ICommandExecutor> View { get; private init; } = static redis => redis;

    public static OwnCallStyle WithToken()
    {
        var source = new CancellationTokenSource();
        return new OwnCallStyle(source) { Token = source.Token };
    }

    public static OwnCallStyle WithTimeout() => new() { View = static redis => redis.WithTimeout(TimeSpan.FromSeconds(1)) };

    /// <summary>Somebody listens to every instrument of the client and does nothing with what it hears.</summary>
    public static OwnCallStyle WithMeterListener()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == RedisTelemetry.MeterName) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.Start();
        return new OwnCallStyle(listener);
    }

    /// <summary>Every call is recorded as a span, and nothing is done with it.</summary>
    public static OwnCallStyle WithActivityListener()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RedisTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return new OwnCallStyle(listener);
    }

    public void Dispose() => _ends?.Dispose();
}
