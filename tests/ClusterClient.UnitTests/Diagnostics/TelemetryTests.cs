// What a listener to metrics and spans sees, and that nothing is done when there is none.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using ClusterClient.Diagnostics;

namespace ClusterClient.UnitTests.Diagnostics;

[Collection(Listening.Name)]
public class TelemetryTests
{
    private static readonly NodeEndpoint s_node = new("redis.example", 7000);

    private static Telemetry Client(string name = "tests") => new(RedisClientOptions.Parse($"redis://h/2?clientName={name}").Snapshot());

    [Fact]
    public void An_operation_is_recorded_with_the_conventions_attributes()
    {
        using Recorder recorder = new("db.client.operation.duration");
        Assert.True(Telemetry.IsOperationTimed);
        Telemetry client = Client();
        using NodeTelemetry node = client.ForNode(s_node);
        client.RecordOperation("T-GET", Stopwatch.GetTimestamp() - Stopwatch.Frequency, node);
        client.RecordOperation("T-GET", Stopwatch.GetTimestamp(), node, new RedisServerException("WRONGTYPE Operation against a key"));
        client.RecordOperation("T-GET", Stopwatch.GetTimestamp(), null, new RedisTimeoutException("late", CommandStage.WaitingForTopology, Outcome.NotExecuted));
        (double Value, string Tags)[] seen = recorder.Where("T-GET");
        Assert.Equal(3, seen.Length);
        Assert.InRange(seen[0].Value, 1, 60);
        Assert.Equal("db.namespace=2 db.operation.name=T-GET db.system.name=redis server.address=redis.example server.port=7000", seen[0].Tags);
        Assert.Equal("db.namespace=2 db.operation.name=T-GET db.response.status_code=WRONGTYPE db.system.name=redis error.type=WRONGTYPE server.address=redis.example server.port=7000", seen[1].Tags);
        Assert.Equal("db.namespace=2 db.operation.name=T-GET db.system.name=redis error.type=ClusterClient.RedisTimeoutException", seen[2].Tags);
    }

    [Fact]
    public void Connections_and_waiters_are_seen_even_by_a_listener_that_comes_late()
    {
        Telemetry client = Client("late");
        NodeTelemetry node = client.ForNode(s_node);
        node.ConnectionOpened(TimeSpan.FromMilliseconds(3));
        node.ConnectionOpened(TimeSpan.FromMilliseconds(3));
        node.ConnectionClosed();
        node.WatchPending(static () => 3);
        const string Tags = "db.client.connection.pool.name=late@redis.example:7000/2";
        using (Recorder recorder = new("db.client.connection.count", "db.client.connection.pending_requests"))
        {
            recorder.Observe();
            (double Value, string Tags)[] seen = recorder.Where(Tags);
            Assert.Equal([1, 3], seen.Select(static s => s.Value).Order());
            Assert.Single(seen, static s => s.Tags.Contains("db.client.connection.state=used", StringComparison.Ordinal));
        }

        node.Dispose();
        using Recorder after = new("db.client.connection.count", "db.client.connection.pending_requests");
        after.Observe();
        Assert.Empty(after.Where(Tags));
    }

    [Fact]
    public void What_happens_is_counted()
    {
        Telemetry client = Client("counted");
        using NodeTelemetry node = client.ForNode(new NodeEndpoint("counted.example", NodeEndpoint.DefaultPort));
        using Recorder recorder = new(
            "clusterclient.redirections", "clusterclient.reconnects", "db.client.connection.timeouts", "db.client.connection.create_time",
            "clusterclient.unknown_outcomes", "clusterclient.retries", "clusterclient.topology.refreshes");
        node.Moved();
        node.Asked();
        node.Reconnected();
        node.WaitTimedOut();
        node.ConnectionOpened(TimeSpan.FromSeconds(2));
        client.UnknownOutcome("T-SET");
        client.Retried("T-SET");
        client.TopologyRefreshed(succeeded: false);
        const string Node = "db.namespace=2 db.system.name=redis server.address=counted.example";
        string[] seen = [.. recorder.Where("counted.example").Select(static s => $"{s.Value} {s.Tags}")];
        Assert.Equal(
            [
                $"1 clusterclient.redirection.kind=moved {Node}",
                $"1 clusterclient.redirection.kind=ask {Node}",
                $"1 {Node}",
                $"1 db.client.connection.pool.name=counted@counted.example:6379/2 {Node}",
                $"2 db.client.connection.pool.name=counted@counted.example:6379/2 {Node}",
            ],
            seen);
        Assert.Equal(2, recorder.Where("T-SET").Length);
        Assert.Contains(recorder.Where("error.type=_OTHER"), static s => s.Value is 1);
    }

    [Fact]
    public void A_span_carries_the_conventions_attributes_and_leaves_the_callers_alone()
    {
        List<Activity> stopped = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name is RedisTelemetry.ActivitySourceName or "tests",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using ActivitySource callers = new("tests");
        using Activity caller = callers.StartActivity("caller")!;
        Telemetry client = Client();
        using NodeTelemetry node = client.ForNode(s_node);

        Activity span = client.StartCommand("T-SPAN")!;
        Assert.Same(caller, Activity.Current);
        Assert.Equal(caller.SpanId, span.ParentSpanId);
        Telemetry.SetNode(span, node, new IPEndPoint(IPAddress.Loopback, 7000));
        Thread reader = new(() =>
        {
            Telemetry.Stop(span);
            Assert.Null(Activity.Current);
        });
        using (ExecutionContext.SuppressFlow()) reader.Start();
        reader.Join();

        Activity failed = client.StartCommand("T-SPAN", node)!;
        Telemetry.Fail(failed, new RedisServerException("anything a script says"));
        Assert.Same(caller, Activity.Current);
        Activity[] mine = [.. stopped.Where(static a => a.OperationName == "T-SPAN")];
        Assert.Equal([span, failed], mine);
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal(
            "db.namespace=2 db.operation.name=T-SPAN db.system.name=redis network.peer.address=127.0.0.1 network.peer.port=7000 server.address=redis.example server.port=7000",
            Recorder.Text(span.TagObjects));
        Assert.Equal(ActivityStatusCode.Error, failed.Status);
        Assert.Equal("_OTHER", failed.GetTagItem("error.type"));
        Assert.Equal("_OTHER", failed.GetTagItem("db.response.status_code"));
    }

    [Fact]
    public void Counting_and_recording_allocate_nothing()
    {
        using Recorder recorder = new("clusterclient.redirections", "db.client.operation.duration") { Keeps = false };
        Telemetry client = Client();
        using NodeTelemetry node = client.ForNode(s_node);
        void Round()
        {
            node.Moved();
            client.RecordOperation("T-GET", 0, node);
            client.Retried("T-GET");
        }

        for (int i = 0; i < 1000; i++) Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Round();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }
}
