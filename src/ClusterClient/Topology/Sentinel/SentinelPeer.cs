// The client's relation to one Sentinel: one connection for questions, one for events.
using System.Collections.Immutable;
using System.Text;
using ClusterClient.Configuration;
using ClusterClient.Connections;
using ClusterClient.Connections.Subscriptions;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Sentinel;

/// <summary>Dials from its first question on, and goes on dialling: a Sentinel that comes back is heard again.</summary>
internal sealed class SentinelPeer : INodeObserver, ISubscriptionObserver, IAsyncDisposable
{
    private static readonly CommandInfo _master = CommandTable.Get("SENTINEL MASTER");
    private static readonly CommandInfo _masters = CommandTable.Get("SENTINEL MASTERS");
    private static readonly CommandInfo _address = CommandTable.Get("SENTINEL GET-MASTER-ADDR-BY-NAME");
    private static readonly CommandInfo _replicas = CommandTable.Get("SENTINEL REPLICAS");
    private static readonly CommandInfo _sentinels = CommandTable.Get("SENTINEL SENTINELS");
    private static readonly CommandInfo _myId = CommandTable.Get("SENTINEL MYID");

    private readonly NodeConnection _questions;
    private readonly SubscriptionLink _events;
    private readonly ClientSettings _settings;
    private readonly string _service;
    private readonly Action<NodeEndpoint, SentinelEvent?> _onEvent;
    private readonly ILogger _logger;
    private volatile bool _tellsId = true;
    private bool _isHearing;
    private bool _isRefused;

    /// <param name="endpoint">The Sentinel.</param>
    /// <param name="settings">How to connect to Sentinels.</param>
    /// <param name="service">The master's name.</param>
    /// <param name="telemetry">Where its connections are counted.</param>
    /// <param name="onEvent">Hears of every event, and with null of every time that events may have been missed. Must not block.</param>
    /// <param name="logger">The log.</param>
    internal SentinelPeer(NodeEndpoint endpoint, ClientSettings settings, string service, Telemetry telemetry, Action<NodeEndpoint, SentinelEvent?> onEvent, ILogger logger)
    {
        Endpoint = endpoint;
        _settings = settings;
        _service = service;
        _onEvent = onEvent;
        _logger = logger;
        _questions = new NodeConnection(endpoint, settings, telemetry, this, logger);
        _events = new SubscriptionLink(endpoint, settings, telemetry, this, logger);
    }

    internal NodeEndpoint Endpoint { get; }

    /// <summary>When it last said anything; null while it is not connected.</summary>
    internal long? LastHeard => _questions.LastHeard;

    /// <summary>Asks what it believes.</summary>
    internal async ValueTask<SentinelView> AskAsync(CancellationToken cancellationToken)
    {
        // Pipelined, the epoch before the address: see SentinelView. What waits together for a connection is sent in any order.
        Task<ImmutableDictionary<string, string>> master = QueryAsync(_master, SentinelEntryParser.Instance, cancellationToken);
        if (!_questions.IsConnected) await master.ConfigureAwait(false);
        Task<NodeEndpoint?> address = QueryAsync(_address, SentinelAddressParser.Instance, cancellationToken);
        Task<ImmutableArray<ImmutableDictionary<string, string>>> replicas = QueryAsync(_replicas, SentinelEntriesParser.Instance, cancellationToken);
        Task<ImmutableArray<ImmutableDictionary<string, string>>> sentinels = QueryAsync(_sentinels, SentinelEntriesParser.Instance, cancellationToken);
        Task<string> id = AskIdAsync(cancellationToken);
        await Task.WhenAll(master, address, replicas, sentinels, id).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = (address.Exception, replicas.Exception, sentinels.Exception, id.Exception); // The first failure speaks for all.
        ImmutableDictionary<string, string> entry = await master.ConfigureAwait(false);
        NodeEndpoint named = await address.ConfigureAwait(false) ?? throw new UnexpectedReplyException($"{Endpoint} knows {_service} and names no address for it.");
        Hear();
        return SentinelView.From(Endpoint, entry, named, await replicas.ConfigureAwait(false), await sentinels.ConfigureAwait(false)) with { Id = await id.ConfigureAwait(false) };
    }

    /// <summary>The names of all masters it watches.</summary>
    internal async ValueTask<IReadOnlyList<string>> AskNamesAsync(CancellationToken cancellationToken)
        => [.. (await _questions.QueryAsync(new Command(_masters), SentinelEntriesParser.Instance, _settings.ConnectTimeoutMilliseconds, cancellationToken).ConfigureAwait(false))
            .Select(static entry => entry.GetValueOrDefault("name", string.Empty)).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync().ConfigureAwait(false);
        await _questions.DisposeAsync().ConfigureAwait(false);
    }

    void INodeObserver.OnConnected(NodeConnection node)
    {
        _tellsId = true; // Another server may be there now, or more be permitted.
        _onEvent(Endpoint, null);
    }

    void INodeObserver.OnConnectFailed(NodeConnection node, RedisConnectionException failure)
    {
    }

    void INodeObserver.OnConnectionLost(NodeConnection node, RedisConnectionException cause)
    {
    }

    void INodeObserver.OnSuspect(NodeConnection node)
    {
    }

    void ISubscriptionObserver.OnMessage(SubscriptionLink link, in SubscriptionFrame message)
    {
        if (SentinelEvent.Read(message.Channel, message.Payload) is { } told && string.Equals(told.Service, _service, StringComparison.Ordinal)) _onEvent(Endpoint, told);
    }

    void ISubscriptionObserver.OnBatchEnd(SubscriptionLink link)
    {
    }

    // What happened before the last of them was subscribed to has to be asked for.
    void ISubscriptionObserver.OnSubscribed(SubscriptionLink link, Topic topic)
    {
        if (string.Equals(Encoding.UTF8.GetString(topic.Name), SentinelEvent.Channels[^1], StringComparison.Ordinal)) _onEvent(Endpoint, null);
    }

    // Whoever may not hear events still learns everything by asking, only later. Each channel is refused by itself, all for one reason.
    void ISubscriptionObserver.OnRefused(SubscriptionLink link, Topic topic, string error)
    {
        if (_isRefused) return;
        _isRefused = true;
        Log.SentinelEventsRefused(_logger, Endpoint, error);
    }

    void ISubscriptionObserver.OnRevoked(SubscriptionLink link, Topic topic)
    {
    }

    void ISubscriptionObserver.OnConnectFailed(SubscriptionLink link, RedisConnectionException failure)
    {
    }

    void ISubscriptionObserver.OnSilent(SubscriptionLink link)
    {
    }

    void ISubscriptionObserver.OnConnectionLost(SubscriptionLink link, RedisConnectionException cause)
    {
    }

    /// <summary>Only one that has answered as a Sentinel is listened to: a data node that was given by mistake is not.</summary>
    private void Hear()
    {
        if (_isHearing) return;
        _isHearing = true;
        foreach (string channel in SentinelEvent.Channels) _events.Subscribe(new Topic(SubscriptionKind.Channel, Encoding.UTF8.GetBytes(channel)));
    }

    /// <summary>A Sentinel before Redis 6.2 does not know the question, and an ACL may forbid it: it is asked once a connection, and goes by its address then.</summary>
    private async Task<string> AskIdAsync(CancellationToken cancellationToken)
    {
        if (!_tellsId) return string.Empty;
        try
        {
            return await _questions.QueryAsync(new Command(_myId), SentinelIdParser.Instance, _settings.ConnectTimeoutMilliseconds, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisServerException)
        {
            _tellsId = false;
            return string.Empty;
        }
    }

    private Task<T> QueryAsync<T>(CommandInfo command, ReplyParser<T> reply, CancellationToken cancellationToken)
        => _questions.QueryAsync(new Command(command, _service), reply, _settings.ConnectTimeoutMilliseconds, cancellationToken).AsTask();
}
