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
}
