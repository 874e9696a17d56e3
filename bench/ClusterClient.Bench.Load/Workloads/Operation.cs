// What every command of a workload does.
namespace ClusterClient.Bench.Load;

internal enum Operation
{
    /// <summary>GET, the reply in the form that the client's ordinary call gives.</summary>
    Get,

    /// <summary>GET into pooled bytes that the caller gives back.</summary>
    GetLease,

    /// <summary>GET of a decimal number, read as a number.</summary>
    GetNumber,

    /// <summary>SET.</summary>
    Set,

    /// <summary>INCR.</summary>
    Increment,

    /// <summary>Four GET, then one SET.</summary>
    Mixed,

    /// <summary>GET, answered by replicas.</summary>
    GetFromReplicas,

    /// <summary>MGET of 100 keys, in a cluster spread over all slots.</summary>
    GetMany,

    /// <summary>MGET of 100 keys that share a slot; one call's slot differs from the next one's.</summary>
    GetManyOneSlot,

    /// <summary>PUBLISH to a channel that every caller is subscribed to; what is counted and timed is each message at each of them.</summary>
    FanOut,
}

internal static class OperationTraits
{
    /// <summary>How many keys one MGET has.</summary>
    public const int ManyKeys = 100;

    /// <summary>In a mix, each so many'th command writes.</summary>
    public const int WriteEvery = 5;

    extension(Operation operation)
    {
        /// <summary>Whether callers receive what others send, instead of sending and awaiting replies.</summary>
        public bool IsFanOut => operation == Operation.FanOut;

        public bool IsMany => operation is Operation.GetMany or Operation.GetManyOneSlot;

        /// <summary>Whether a size of value means anything to it.</summary>
        public bool HasSize => operation is not (Operation.GetNumber or Operation.Increment);
    }
}
