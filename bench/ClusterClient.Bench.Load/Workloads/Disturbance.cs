// What one ill-behaved caller does to a client that others use too.
namespace ClusterClient.Bench.Load;

internal enum Disturbance
{
    None,

    /// <summary>Begins a thousand calls and fetches no reply for a tenth of a second.</summary>
    NeverAwaits,

    /// <summary>Blocks its thread for 20 ms on each reply.</summary>
    HandlesSlowly,

    /// <summary>Reads a value of 64 MiB twice a second.</summary>
    LargeValue,

    /// <summary>Reads a value of 512 MiB, the largest there is, over a second connection that the client offers for that.</summary>
    HugeValueInBulk,
}
