// What a kind and version of server can do for a test.
namespace ClusterClient.Testing;

/// <summary>What the server under a topology can do. A method that needs more throws <see cref="NotSupportedException"/>.</summary>
[Flags]
public enum ServerCapabilities
{
    /// <summary>A single server, and nothing of what follows.</summary>
    None = 0,

    /// <summary>A sharded cluster with replicas.</summary>
    Cluster = 1 << 0,

    /// <summary>A master with replicas outside a cluster, promoted by REPLICAOF NO ONE.</summary>
    Replication = 1 << 1,

    /// <summary>Sentinel.</summary>
    Sentinel = 1 << 2,

    /// <summary>A cluster that promotes a replica by itself when a master is gone.</summary>
    AutomaticFailover = 1 << 3,

    /// <summary>Slots move key by key with MIGRATING, IMPORTING and MIGRATE, and a migration can be held half-way.</summary>
    SlotMigrationByKey = 1 << 4,

    /// <summary>Slots move as a whole with CLUSTER MIGRATESLOTS (Valkey 9 and later).</summary>
    AtomicSlotMigration = 1 << 5,

    /// <summary>A replica's link to its master can be cut while clients stay connected.</summary>
    CutReplicaLink = 1 << 6,

    /// <summary>More than one numbered database in a cluster (Valkey 9 and later).</summary>
    ClusterDatabases = 1 << 7,

    /// <summary>Named users with rules (ACL).</summary>
    AclUsers = 1 << 8,

    /// <summary>A restarted cluster node finds its slots, its peers and its own id again.</summary>
    ClusterRestart = 1 << 9,
}
