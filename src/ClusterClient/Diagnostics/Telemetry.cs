// What one client measures and traces; every method costs a branch when nobody listens.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using ClusterClient.Configuration;

namespace ClusterClient.Diagnostics;

/// <summary>
/// A client's telemetry. Spans: <see cref="StartCommand"/>, then <see cref="SetNode"/> at each dispatch, then
/// <see cref="Stop"/> or <see cref="Fail"/> once. Durations: read the clock only if <see cref="IsOperationTimed"/>.
/// </summary>
internal sealed class Telemetry
{
    private readonly TagList _tags;

    public Telemetry(ClientSettings settings)
    {
        DatabaseNamespace = settings.Database.ToString(CultureInfo.InvariantCulture);
        ClientName = settings.ClientName;
        _tags = [new(TagNames.SystemName, TagNames.Redis), new(TagNames.Namespace, DatabaseNamespace)];
    }

    /// <summary>Whether anybody listens to the duration of operations.</summary>
    public static bool IsOperationTimed => Instruments.OperationDuration.Enabled;

    /// <summary>Whether anybody listens to spans.</summary>
    public static bool IsTraced => Instruments.ActivitySource.HasListeners();

    /// <summary>The database's index as text (<c>db.namespace</c>).</summary>
    public string DatabaseNamespace { get; }

    public string? ClientName { get; }

    /// <summary>The telemetry of a node; dispose it when the node is dropped.</summary>
    /// <param name="node">The node.</param>
    /// <param name="purpose">What its connections are for, if not for commands: it tells them apart.</param>
    public NodeTelemetry ForNode(NodeEndpoint node, string? purpose = null) => new(this, node, purpose);

    /// <summary>
    /// Starts a span, or gives null when nobody wants one. It does not become <see cref="Activity.Current"/>: the
    /// caller's context must not keep a span that ends on another thread.
    /// </summary>
    public Activity? StartCommand(string commandName, NodeTelemetry? node = null)
    {
        if (!IsTraced) return null;
        Activity? caller = Activity.Current;
        Activity? activity = Instruments.ActivitySource.StartActivity(commandName, ActivityKind.Client, default(ActivityContext), [
            new(TagNames.SystemName, TagNames.Redis), new(TagNames.OperationName, commandName), new(TagNames.Namespace, DatabaseNamespace)]);
        Activity.Current = caller;
        if (node is not null) SetNode(activity, node);
        return activity;
    }

    /// <summary>Says which node the command goes to; the last one said stays.</summary>
    public static void SetNode(Activity? activity, NodeTelemetry node, EndPoint? peer = null)
    {
        if (activity is null || !activity.IsAllDataRequested) return;
        activity.SetTag(TagNames.ServerAddress, node.Address);
        activity.SetTag(TagNames.ServerPort, node.Port);
        if (peer is not IPEndPoint ip) return;
        activity.SetTag(TagNames.PeerAddress, ip.Address.ToString());
        activity.SetTag(TagNames.PeerPort, ip.Port);
    }

    /// <summary>Ends a span that went well.</summary>
    public static void Stop(Activity? activity)
    {
        if (activity is null) return;
        Activity? current = Activity.Current;
        activity.Stop();
        Activity.Current = current; // Stop makes the caller's span current on this thread, which is the reader's
    }

    /// <summary>Ends a span that failed.</summary>
    public static void Fail(Activity? activity, Exception error)
    {
        if (activity is null) return;
        activity.SetStatus(ActivityStatusCode.Error);
        activity.SetTag(TagNames.ErrorType, ErrorTags.TypeOf(error));
        if (ErrorTags.StatusCodeOf(error) is { } code) activity.SetTag(TagNames.StatusCode, code);
        Stop(activity);
    }

    /// <summary>Records how long an operation took; call it only if <see cref="IsOperationTimed"/> held when it began.</summary>
    /// <param name="commandName">The command's name.</param>
    /// <param name="startTimestamp">What <see cref="Stopwatch.GetTimestamp"/> gave when it began.</param>
    /// <param name="node">The node asked last, or null when it never had one.</param>
    /// <param name="error">Why it failed, or null.</param>
    public void RecordOperation(string commandName, long startTimestamp, NodeTelemetry? node = null, Exception? error = null)
    {
        TagList tags = node is null ? _tags : node.Tags;
        tags.Add(TagNames.OperationName, commandName);
        if (error is not null)
        {
            tags.Add(TagNames.ErrorType, ErrorTags.TypeOf(error));
            if (ErrorTags.StatusCodeOf(error) is { } code) tags.Add(TagNames.StatusCode, code);
        }

        Instruments.OperationDuration.Record(Stopwatch.GetElapsedTime(startTimestamp).TotalSeconds, tags);
    }

    /// <summary>Counts one round of asking for the topology.</summary>
    public void TopologyRefreshed(bool succeeded)
    {
        if (!Instruments.TopologyRefreshes.Enabled) return;
        TagList tags = _tags;
        if (!succeeded) tags.Add(TagNames.ErrorType, TagNames.OtherError);
        Instruments.TopologyRefreshes.Add(1, tags);
    }

    /// <summary>A master that owns slots was gone for so long.</summary>
    public void MasterlessGap(TimeSpan length)
    {
        if (Instruments.MasterlessGaps.Enabled) Instruments.MasterlessGaps.Record(length.TotalSeconds, _tags);
    }

    /// <summary>Counts an eager failover that was not confirmed.</summary>
    public void FailoverRevoked()
    {
        if (Instruments.RevokedFailovers.Enabled) Instruments.RevokedFailovers.Add(1, _tags);
    }

    /// <summary>Counts a command that nobody knows the outcome of.</summary>
    public void UnknownOutcome(string commandName)
    {
        if (!Instruments.UnknownOutcomes.Enabled) return;
        TagList tags = _tags;
        tags.Add(TagNames.OperationName, commandName);
        Instruments.UnknownOutcomes.Add(1, tags);
    }

    /// <summary>Counts a command that is sent again.</summary>
    public void Retried(string commandName)
    {
        if (!Instruments.Retries.Enabled) return;
        TagList tags = _tags;
        tags.Add(TagNames.OperationName, commandName);
        Instruments.Retries.Add(1, tags);
    }
}
