// Cluster commands: what one node knows of its cluster.
using System.Collections.Immutable;
using ClusterClient.Commands;
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;

namespace ClusterClient;

/// <summary>Commands that ask a node about its cluster. What all nodes know is asked of any; what one node has (COUNTKEYSINSLOT, GETKEYSINSLOT) must say which: use <c>OnNode</c>.</summary>
public static class ClusterCommands
{
    private static readonly CommandInfo CountFailureReports = CommandTable.Get("CLUSTER COUNT-FAILURE-REPORTS");
    private static readonly CommandInfo CountKeysInSlot = CommandTable.Get("CLUSTER COUNTKEYSINSLOT");
    private static readonly CommandInfo GetKeysInSlot = CommandTable.Get("CLUSTER GETKEYSINSLOT");
    private static readonly CommandInfo Info = CommandTable.Get("CLUSTER INFO");
    private static readonly CommandInfo KeySlot = CommandTable.Get("CLUSTER KEYSLOT");
    private static readonly CommandInfo MyId = CommandTable.Get("CLUSTER MYID");
    private static readonly CommandInfo MyShardId = CommandTable.Get("CLUSTER MYSHARDID");
    private static readonly CommandInfo Nodes = CommandTable.Get("CLUSTER NODES");
    private static readonly CommandInfo Shards = CommandTable.Get("CLUSTER SHARDS");
    private static readonly CommandInfo Slots = CommandTable.Get("CLUSTER SLOTS");

    extension(ICommandExecutor redis)
    {
        /// <summary>How the node sees its cluster (<c>CLUSTER INFO</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ClusterInfo> ClusterInfoAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Info), ClusterInfo.Reply, cancellationToken);

        /// <summary>The members of the cluster and what each owns, as the node believes it (<c>CLUSTER NODES</c>). Only this reply has the config epochs.</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ImmutableArray<ClusterNodesEntry>> ClusterNodesAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Nodes), ClusterNodesParser.Instance, cancellationToken);

        /// <summary>The runs of slots with their owners and the owners' replicas, as the node believes it (<c>CLUSTER SLOTS</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ImmutableArray<ClusterSlotsEntry>> ClusterSlotsAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Slots), ClusterSlotsParser.Instance, cancellationToken);

        /// <summary>The shards, each a master with its replicas, as the node believes it (<c>CLUSTER SHARDS</c>, Redis 7.0).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ImmutableArray<ClusterShard>> ClusterShardsAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Shards), ClusterShardsParser.Instance, cancellationToken);

        /// <summary>The node's id (<c>CLUSTER MYID</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>40 hexadecimal digits.</returns>
        public ValueTask<string?> ClusterMyIdAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(MyId), Replies.Text, cancellationToken);

        /// <summary>The id of the node's shard (<c>CLUSTER MYSHARDID</c>, Redis 7.2).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>40 hexadecimal digits.</returns>
        public ValueTask<string?> ClusterMyShardIdAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(MyShardId), Replies.Text, cancellationToken);

        /// <summary>A key's slot, computed by the server (<c>CLUSTER KEYSLOT</c>); <see cref="HashSlot"/> computes the same without asking.</summary>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> ClusterKeySlotAsync(RedisKey key, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(KeySlot, Argument.Key(key)), Replies.Int64, cancellationToken);

        /// <summary>How many keys of a slot the node holds (<c>CLUSTER COUNTKEYSINSLOT</c>).</summary>
        /// <param name="slot">The slot.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
        public ValueTask<long> ClusterCountKeysInSlotAsync(int slot, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(CountKeysInSlot, Slot(slot)), Replies.Int64, cancellationToken);

        /// <summary>Keys of a slot that the node holds (<c>CLUSTER GETKEYSINSLOT</c>).</summary>
        /// <param name="slot">The slot.</param>
        /// <param name="count">How many at most.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <exception cref="ArgumentOutOfRangeException">There is no such slot, or the count is negative.</exception>
        public ValueTask<RedisKey[]> ClusterGetKeysInSlotAsync(int slot, int count, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(GetKeysInSlot, Slot(slot), Argument.NotNegative(count)), Replies.Keys, cancellationToken);

        /// <summary>How many masters have told the node that another one has failed (<c>CLUSTER COUNT-FAILURE-REPORTS</c>).</summary>
        /// <param name="nodeId">The other node's id.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> ClusterCountFailureReportsAsync(string nodeId, CancellationToken cancellationToken = default)
        {
            ArgumentException.ThrowIfNullOrEmpty(nodeId);
            return redis.ExecuteAsync(new Command(CountFailureReports, nodeId), Replies.Int64, cancellationToken);
        }
    }

    private static RedisValue Slot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, HashSlot.Count);
        return slot;
    }
}
