// Who hears of what happens to a node's connection.
namespace ClusterClient.Connections;

/// <summary>Hears of the life of node connections. Called from the node's own loop or its heartbeat, never under a lock; it must not block.</summary>
internal interface INodeObserver
{
    /// <summary>A connection is ready.</summary>
    void OnConnected(NodeConnection node);

    /// <summary>A connection could not be made; the node tries again by itself.</summary>
    void OnConnectFailed(NodeConnection node, RedisConnectionException failure);

    /// <summary>A connection that was ready ended; the node tries again by itself.</summary>
    void OnConnectionLost(NodeConnection node, RedisConnectionException cause);

    /// <summary>The node has been silent for two heartbeats with replies outstanding.</summary>
    void OnSuspect(NodeConnection node);

    /// <summary>What the node said of its replication may make it fit for reads that wait.</summary>
    void OnFitnessChanged(NodeConnection node)
    {
    }

    /// <summary>A node that is read from said whether it is a master.</summary>
    void OnReplicationTold(NodeConnection node, bool isMaster)
    {
    }
}
