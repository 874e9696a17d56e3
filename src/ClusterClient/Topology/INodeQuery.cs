// How the topology asks one node one question.
using ClusterClient.Protocol;

namespace ClusterClient.Topology;

/// <summary>Sends commands to a node of the caller's choice, outside routing. It has a short deadline of its own.</summary>
internal interface INodeQuery
{
    /// <summary>
    /// Sends a command to a node, connecting first where needed. Two queries to one node that are begun one after the other reach it in that order.
    /// </summary>
    ValueTask<T> QueryAsync<T>(NodeEndpoint node, Command command, ReplyParser<T> reply, CancellationToken cancellationToken);

    /// <summary>Has a node that cannot be connected to be tried again now, without waiting for the end of its back-off. For a single node that others wait for, and for seconds only.</summary>
    void Hurry(NodeEndpoint node)
    {
    }

    /// <summary>Whether a question to a node would cost no new connection.</summary>
    bool IsConnected(NodeEndpoint node) => true;

    /// <summary>
    /// Whether a node cannot be connected to: there is no connection, and the last attempt to make one failed. Silence is not that, and neither is a connection
    /// that was lost and is being made anew. A question to such a node waits for the next attempt, so what it knows already is not worth waiting for.
    /// </summary>
    bool IsUnreachable(NodeEndpoint node) => false;

    /// <summary>
    /// Whether a node is unreachable for a reason that speaks against its life. One that answers and refuses this client (maxclients, a password), and one that
    /// is not reached for a reason on this side, may well serve others: nobody takes its place.
    /// </summary>
    bool SeemsDead(NodeEndpoint node) => IsUnreachable(node);

    /// <summary>When a node was last heard of, on any clock that grows; null while it is not connected.</summary>
    long? LastHeard(NodeEndpoint node) => null;
}
