// Every message of the log; none holds a key, a value or a secret, and none is written per command.
using Microsoft.Extensions.Logging;

namespace ClusterClient.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(EventIds.ConnectionEstablished, LogLevel.Information, "Connected to {Node} ({Server}, {Protocol}) in {Milliseconds:F1} ms")]
    public static partial void ConnectionEstablished(ILogger logger, NodeEndpoint node, string server, RedisProtocol protocol, double milliseconds);

    [LoggerMessage(EventIds.ConnectionLost, LogLevel.Warning, "Lost the connection to {Node} ({Cause}); commands on the wire: {OnTheWire}")]
    public static partial void ConnectionLost(ILogger logger, NodeEndpoint node, ConnectionFailure cause, int onTheWire, Exception? error);

    [LoggerMessage(EventIds.ConnectFailed, LogLevel.Warning, "Could not connect to {Node} ({Cause}), attempt {Attempt}; next try in {NextTryIn}")]
    public static partial void ConnectFailed(ILogger logger, NodeEndpoint node, ConnectionFailure cause, int attempt, TimeSpan nextTryIn, Exception error);

    [LoggerMessage(EventIds.FellBackToResp2, LogLevel.Information, "{Node} does not speak RESP3; going on in RESP2")]
    public static partial void FellBackToResp2(ILogger logger, NodeEndpoint node);

    [LoggerMessage(EventIds.ProtocolViolation, LogLevel.Error, "{Node} broke the protocol; its connection is closed")]
    public static partial void ProtocolViolation(ILogger logger, NodeEndpoint node, Exception error);

    [LoggerMessage(EventIds.NodeSuspect, LogLevel.Warning, "{Node} has been silent for {SilentFor}: suspect")]
    public static partial void NodeSuspect(ILogger logger, NodeEndpoint node, TimeSpan silentFor);

    [LoggerMessage(EventIds.NodeRecovered, LogLevel.Information, "{Node} answers again after {SilentFor}")]
    public static partial void NodeRecovered(ILogger logger, NodeEndpoint node, TimeSpan silentFor);

    [LoggerMessage(EventIds.CredentialsProviderFailed, LogLevel.Error, "The credentials provider failed for a connection to {Node}")]
    public static partial void CredentialsProviderFailed(ILogger logger, NodeEndpoint node, Exception error);

    [LoggerMessage(EventIds.ReadsDegraded, LogLevel.Warning, "{Node} is not read from as a replica, because it refuses what that takes ({Refusal}). Permit +info and, in a cluster, +readonly +readwrite")]
    public static partial void ReadsDegraded(ILogger logger, NodeEndpoint node, string refusal);

    [LoggerMessage(EventIds.TopologyChanged, LogLevel.Information, "Topology is now version {Version} with {Masters} masters and {Replicas} replicas ({Reason})")]
    public static partial void TopologyChanged(ILogger logger, long version, int masters, int replicas, string reason);

    [LoggerMessage(EventIds.TopologyRefreshFailed, LogLevel.Warning, "No node could tell the topology ({Reason}); keeping version {Version}")]
    public static partial void TopologyRefreshFailed(ILogger logger, long version, string reason, Exception? error);

    [LoggerMessage(EventIds.SlotMoved, LogLevel.Debug, "Slot {Slot} moved from {From} to {To}")]
    public static partial void SlotMoved(ILogger logger, int slot, NodeEndpoint from, NodeEndpoint to);

    [LoggerMessage(EventIds.TopologyDegraded, LogLevel.Warning, "{Node} refuses CLUSTER NODES ({Refusal}): without config epochs a failover may be followed late, and hidden replicas stay hidden. Permit +cluster|nodes")]
    public static partial void TopologyDegraded(ILogger logger, NodeEndpoint node, string refusal);

    [LoggerMessage(EventIds.ReplicationDegraded, LogLevel.Warning, "{Node} refuses INFO ({Refusal}): replicas are found by ROLE alone, without offsets, and a promotion may be followed late. Permit +info, or at least +role")]
    public static partial void ReplicationDegraded(ILogger logger, NodeEndpoint node, string refusal);

    [LoggerMessage(EventIds.TwoMasters, LogLevel.Warning, "{Rivals} says to be master beside {Master}, which lives: {Choice}. Make one follow the other (REPLICAOF)")]
    public static partial void TwoMasters(ILogger logger, NodeEndpoint master, string rivals, string choice);

    [LoggerMessage(EventIds.FailoverFollowed, LogLevel.Information, "{Node} is master now, before any Sentinel has confirmed it (failover=eager)")]
    public static partial void FailoverFollowed(ILogger logger, NodeEndpoint node);

    [LoggerMessage(EventIds.FailoverRevoked, LogLevel.Error, "The Sentinels settled on {Master} and not on {Revoked}: what was written to {Revoked} since its promotion is lost")]
    public static partial void FailoverRevoked(ILogger logger, NodeEndpoint revoked, NodeEndpoint master);

    [LoggerMessage(EventIds.ReplicationStateRefused, LogLevel.Warning, "{Node} refuses INFO ({Refusal}): failovers are followed only when a Sentinel confirms them. Permit +info")]
    public static partial void ReplicationStateRefused(ILogger logger, NodeEndpoint node, string refusal);

    [LoggerMessage(EventIds.NotASentinel, LogLevel.Warning, "{Node} was given or named as a Sentinel and is none; it is left out")]
    public static partial void NotASentinel(ILogger logger, NodeEndpoint node);

    [LoggerMessage(EventIds.SentinelForgotten, LogLevel.Information, "{Node} is not asked as a Sentinel any more: it is silent and no Sentinel names it, or it answers at another address too")]
    public static partial void SentinelForgotten(ILogger logger, NodeEndpoint node);

    [LoggerMessage(EventIds.SentinelEventsRefused, LogLevel.Warning, "The Sentinel {Node} refuses to tell its events ({Refusal}): failovers may be followed late. Permit +subscribe allchannels")]
    public static partial void SentinelEventsRefused(ILogger logger, NodeEndpoint node, string refusal);

    [LoggerMessage(EventIds.TopologySubscriberFailed, LogLevel.Error, "A subscriber of the topology's changes failed")]
    public static partial void TopologySubscriberFailed(ILogger logger, Exception error);

    // One line a command, so Trace: a lost connection may leave thousands, which ConnectionLost and the metric count.
    [LoggerMessage(EventIds.UnknownOutcome, LogLevel.Trace, "{Command} on {Node} ended with unknown outcome ({Cause}): it may have run or may still run")]
    public static partial void UnknownOutcome(ILogger logger, string command, NodeEndpoint node, string cause);

    [LoggerMessage(EventIds.ClientDisposed, LogLevel.Debug, "The client is disposed; commands failed by it: {Abandoned}")]
    public static partial void ClientDisposed(ILogger logger, int abandoned);

    [LoggerMessage(EventIds.DisposeFailed, LogLevel.Error, "Disposing the client failed; some of its connections may linger")]
    public static partial void DisposeFailed(ILogger logger, Exception error);

    [LoggerMessage(EventIds.StalenessWatchFailed, LogLevel.Error, "The comparison of {Master} with its replicas failed; reads with a bound go to masters until it works again")]
    public static partial void StalenessWatchFailed(ILogger logger, NodeEndpoint master, Exception error);

    [LoggerMessage(EventIds.SubscriptionEnded, LogLevel.Warning, "A subscription ({Kind}) ended with an error")]
    public static partial void SubscriptionEnded(ILogger logger, string kind, Exception error);

    [LoggerMessage(EventIds.SubscriptionHandlerFailed, LogLevel.Error, "A handler of a subscription ({Kind}) failed; the subscription goes on")]
    public static partial void SubscriptionHandlerFailed(ILogger logger, string kind, Exception error);
}
