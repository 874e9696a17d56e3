// Every event id of the log, so that none is given twice; a number, once released, keeps its meaning.
namespace ClusterClient.Diagnostics;

internal static class EventIds
{
    // 1000: connections
    public const int ConnectionEstablished = 1000;
    public const int ConnectionLost = 1001;
    public const int ConnectFailed = 1002;
    public const int FellBackToResp2 = 1003;
    public const int ProtocolViolation = 1004;
    public const int NodeSuspect = 1005;
    public const int NodeRecovered = 1006;
    public const int CredentialsProviderFailed = 1007;
    public const int ReadsDegraded = 1010;

    // 2000: topology
    public const int TopologyChanged = 2000;
    public const int TopologyRefreshFailed = 2001;
    public const int SlotMoved = 2002;
    public const int TopologyDegraded = 2003;
    public const int TopologySubscriberFailed = 2004;
    public const int ReplicationDegraded = 2010;
    public const int TwoMasters = 2011;
    public const int FailoverFollowed = 2012;
    public const int FailoverRevoked = 2013;
    public const int ReplicationStateRefused = 2014;
    public const int NotASentinel = 2015;
    public const int SentinelForgotten = 2016;
    public const int SentinelEventsRefused = 2017;

    // 3000: commands and the client
    public const int UnknownOutcome = 3000;
    public const int ClientDisposed = 3001;
    public const int DisposeFailed = 3002;
    public const int StalenessWatchFailed = 3003;

    // 4000: subscriptions
    public const int SubscriptionEnded = 4000;
    public const int SubscriptionHandlerFailed = 4001;
}
