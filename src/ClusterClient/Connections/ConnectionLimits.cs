// The bounds on work that one node may have in flight.
namespace ClusterClient.Connections;

/// <summary>What a connection accepts before callers have to wait.</summary>
/// <param name="MaxInFlightCommands">Commands appended whose reply has not come.</param>
/// <param name="MaxInFlightBytes">Their encoded bytes; one command is always accepted, whatever its size.</param>
internal readonly record struct ConnectionLimits(int MaxInFlightCommands, long MaxInFlightBytes);

/// <summary>What became of a command offered to a connection.</summary>
internal enum AppendResult
{
    /// <summary>It is on the connection now; the connection will answer it or hand it to its owner.</summary>
    Appended,

    /// <summary>The bounds are reached; the operation is still the caller's.</summary>
    Full,

    /// <summary>The connection ended or takes no more; the operation is still the caller's.</summary>
    Closed,
}
