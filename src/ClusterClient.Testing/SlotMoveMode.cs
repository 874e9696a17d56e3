// How slots move from one master to another.
namespace ClusterClient.Testing;

/// <summary>How slots move from one master to another, while clients use them.</summary>
public enum SlotMoveMode
{
    /// <summary>One slot after the other, one key a MIGRATE: each slot is half moved for the longest time, and its keys answer ASK.</summary>
    KeyByKey,

    /// <summary>All slots are opened at once (MIGRATING, IMPORTING), their keys move in batches (MIGRATE … KEYS), then all are closed.</summary>
    Bulk,

    /// <summary>The server moves them as a whole (CLUSTER MIGRATESLOTS, Valkey 9 and later): clients meet MOVED, never ASK.</summary>
    Atomic,
}
