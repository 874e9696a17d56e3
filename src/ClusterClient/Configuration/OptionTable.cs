// The one list of options with a text form; the connection string's reader, its writer, the checks and the documentation all follow it.
namespace ClusterClient.Configuration;

/// <summary>One option with a text form.</summary>
internal abstract class Option(string name, string allowed)
{
    /// <summary>The name in camel case; the property of <see cref="RedisClientOptions"/> is the same in Pascal case.</summary>
    public string Name { get; } = name;

    /// <summary>What is allowed, in words that follow "must be".</summary>
    public string Allowed { get; } = allowed;

    /// <summary>The text of the default; empty for none.</summary>
    public abstract string Default { get; }

    /// <summary>Sets the option from its text; false when the text or its value is not allowed.</summary>
    public abstract bool TryRead(RedisClientOptions options, string text);

    /// <summary>The option's text, or null when it has its default.</summary>
    public abstract string? Write(RedisClientOptions options);

    /// <summary>Whether the option's value may be used.</summary>
    public abstract bool IsAllowed(RedisClientOptions options);
}

internal sealed class Option<T>(string name, OptionKind<T> kind, Func<RedisClientOptions, T> get, Action<RedisClientOptions, T> set)
    : Option(name, kind.Allowed)
{
    private readonly T _default = get(new RedisClientOptions());

    public override string Default => kind.Write(_default);

    public override bool TryRead(RedisClientOptions options, string text)
    {
        if (!kind.Read(text, out T value) || !kind.IsAllowed(value)) return false;
        set(options, value);
        return true;
    }

    public override string? Write(RedisClientOptions options) =>
        EqualityComparer<T>.Default.Equals(get(options), _default) ? null : kind.Write(get(options));

    public override bool IsAllowed(RedisClientOptions options) => kind.IsAllowed(get(options));
}

internal static class OptionTable
{
    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);
    private static readonly OptionKind<TimeSpan> s_timeout = OptionKinds.Duration(s_millisecond, s_day);
    private static readonly OptionKind<TimeSpan> s_backoff = OptionKinds.Duration(s_millisecond, s_hour);
    private static readonly OptionKind<long> s_bytes = OptionKinds.Size(1 << 10, 1L << 40);

    public static Option<string?> User { get; } = new(
        "user", OptionKinds.Text("the name of an ACL user, without spaces", static t => !t.Any(char.IsWhiteSpace)), static o => o.User, static (o, v) => o.User = v);

    public static Option<int> Database { get; } = new("database", OptionKinds.Count(0, int.MaxValue), static o => o.Database, static (o, v) => o.Database = v);

    public static Option<bool> Tls { get; } = new("tls", OptionKinds.Flag, static o => o.Tls, static (o, v) => o.Tls = v);

    public static Option<string?> ServiceName { get; } = new(
        "serviceName", OptionKinds.Text("the name under which Sentinels watch the master, without spaces", static t => !t.Any(char.IsWhiteSpace)), static o => o.ServiceName, static (o, v) => o.ServiceName = v);

    /// <summary>Every option with a text form, in the order of <see cref="RedisClientOptions"/>.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        User,
        Database,
        Tls,
        new Option<string?>("tlsServerName", OptionKinds.Text("the DNS name the server's certificate carries", static t => !t.Any(char.IsWhiteSpace)), static o => o.TlsServerName, static (o, v) => o.TlsServerName = v),
        new Option<bool>("checkCertificateRevocation", OptionKinds.Flag, static o => o.CheckCertificateRevocation, static (o, v) => o.CheckCertificateRevocation = v),
        new Option<TopologyMode>("topology", OptionKinds.Choice<TopologyMode>(), static o => o.Topology, static (o, v) => o.Topology = v),
        ServiceName,
        new Option<FailoverPolicy>("failover", OptionKinds.Choice<FailoverPolicy>(), static o => o.Failover, static (o, v) => o.Failover = v),
        new Option<string?>("sentinelUser", OptionKinds.Text("the name of an ACL user, without spaces", static t => !t.Any(char.IsWhiteSpace)), static o => o.SentinelUser, static (o, v) => o.SentinelUser = v),
        new Option<bool?>("sentinelTls", OptionKinds.MaybeFlag, static o => o.SentinelTls, static (o, v) => o.SentinelTls = v),
        new Option<string?>("clientName", OptionKinds.Text("printable ASCII without spaces", static t => t.All(static c => c is > ' ' and <= '~')), static o => o.ClientName, static (o, v) => o.ClientName = v),
        new Option<TimeSpan>("connectTimeout", s_timeout, static o => o.ConnectTimeout, static (o, v) => o.ConnectTimeout = v),
        new Option<TimeSpan>("commandTimeout", s_timeout, static o => o.CommandTimeout, static (o, v) => o.CommandTimeout = v),
        new Option<TimeSpan>("failoverTimeout", OptionKinds.Duration(s_millisecond, s_day, zeroIsOff: true), static o => o.FailoverTimeout, static (o, v) => o.FailoverTimeout = v),
        new Option<RedisProtocol>("protocol", OptionKinds.Choice<RedisProtocol>(), static o => o.Protocol, static (o, v) => o.Protocol = v),
        new Option<TimeSpan>("heartbeatInterval", OptionKinds.Duration(TimeSpan.FromMilliseconds(10), s_hour), static o => o.HeartbeatInterval, static (o, v) => o.HeartbeatInterval = v),
        new Option<TimeSpan>("hangTimeout", s_timeout, static o => o.HangTimeout, static (o, v) => o.HangTimeout = v),
        new Option<TimeSpan>("reconnectBackoffMin", s_backoff, static o => o.ReconnectBackoffMin, static (o, v) => o.ReconnectBackoffMin = v),
        new Option<TimeSpan>("reconnectBackoffMax", s_backoff, static o => o.ReconnectBackoffMax, static (o, v) => o.ReconnectBackoffMax = v),
        new Option<int>("maxInFlightCommands", OptionKinds.Count(1, 1 << 20), static o => o.MaxInFlightCommands, static (o, v) => o.MaxInFlightCommands = v),
        new Option<long>("maxInFlightBytes", s_bytes, static o => o.MaxInFlightBytes, static (o, v) => o.MaxInFlightBytes = v),
        new Option<int>("maxWaitingCommands", OptionKinds.Count(0, 1 << 24), static o => o.MaxWaitingCommands, static (o, v) => o.MaxWaitingCommands = v),
        new Option<long>("maxWaitingBytes", s_bytes, static o => o.MaxWaitingBytes, static (o, v) => o.MaxWaitingBytes = v),
        new Option<int>("maxLeasedConnections", OptionKinds.Count(1, 1 << 16), static o => o.MaxLeasedConnections, static (o, v) => o.MaxLeasedConnections = v),
        new Option<TimeSpan>("topologyRefreshInterval", OptionKinds.Duration(s_millisecond, s_day, zeroIsOff: true), static o => o.TopologyRefreshInterval, static (o, v) => o.TopologyRefreshInterval = v),
        new Option<int>("maxRedirects", OptionKinds.Count(0, 1000), static o => o.MaxRedirects, static (o, v) => o.MaxRedirects = v),
        new Option<RetryPolicy>("retryPolicy", OptionKinds.Choice<RetryPolicy>(), static o => o.RetryPolicy, static (o, v) => o.RetryPolicy = v),
        new Option<ReadFrom>("readFrom", ReadFromText.Kind, static o => ReadFromText.Writable(o.ReadFrom), static (o, v) => o.ReadFrom = v),
        new Option<TimeSpan>("maxStaleness", OptionKinds.Duration(ReadFrom.ShortestStaleness, ReadFrom.LongestStaleness, zeroIsOff: true), ReadFromText.Staleness, static (o, v) => o.MaxStaleness = v),
        new Option<bool>("allowStaleReplicas", OptionKinds.Flag, static o => o.AllowStaleReplicas, static (o, v) => o.AllowStaleReplicas = v),
        new Option<string?>("availabilityZone", OptionKinds.Text("the name of a zone, without spaces", static t => !t.Any(char.IsWhiteSpace)), static o => o.AvailabilityZone, static (o, v) => o.AvailabilityZone = v),
        new Option<long>("maxReplyLength", OptionKinds.Size(1 << 10, 2047L << 20), static o => o.MaxReplyLength, static (o, v) => o.MaxReplyLength = (int)v),
    ];

    /// <summary>The option of that name, whatever its case, or null.</summary>
    public static Option? Find(string name) => All.FirstOrDefault(option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
