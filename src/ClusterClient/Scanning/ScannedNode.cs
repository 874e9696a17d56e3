// The node that is being walked: its steps, its own word, and when that word must be asked again.
using ClusterClient.Connections;
using ClusterClient.Routing;

namespace ClusterClient.Scanning;

internal sealed class ScannedNode(Router router, RoutedExecutor view, TopologyNode node)
{
    private const int LookEveryMilliseconds = 500;

    /// <summary>How long a node without a connection is waited for before others are walked; it may be dead, and its heir be known soon.</summary>
    private static readonly TimeSpan _connectPatience = TimeSpan.FromMilliseconds(500);

    private Connection? _connection;
    private long _lookedAt;

    internal TopologyNode Node => node;

    /// <summary>A walk goes on over a new connection only after another look; in between one look in half a second keeps a lost walk short.</summary>
    internal bool IsLookDue => !ReferenceEquals(_connection, Connection) || Environment.TickCount64 - _lookedAt > LookEveryMilliseconds;

    private Connection? Connection => router.Nodes.Find(node.Endpoint)?.Current;

    private IRedisView Pinned
    {
        get
        {
            IRedisView pinned = view.OnNode(node);
            return Connection is { IsOpen: true } || view.Timeout < _connectPatience ? pinned : pinned.WithTimeout(_connectPatience);
        }
    }

    internal ValueTask<ScanPage> StepAsync(ScanFilter filter, ulong cursor, CancellationToken cancellationToken)
        => Pinned.ExecuteAsync(filter.StepFrom(cursor), ScanPage.Reply, cancellationToken);

    internal async ValueTask<NodeClaim> ClaimAsync(CancellationToken cancellationToken)
    {
        _connection = Connection; // Read first: a connection that comes later is noticed.
        NodeClaim claim = await NodeClaim.AskAsync(Pinned, router.Table.Snapshot.Kind == TopologyKind.Cluster, cancellationToken).ConfigureAwait(false);
        _lookedAt = Environment.TickCount64;
        return claim;
    }
}
