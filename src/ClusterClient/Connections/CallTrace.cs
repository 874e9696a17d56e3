// Where a call was answered, for those who must know on which connection.
namespace ClusterClient.Connections;

/// <summary>Filled before the caller hears of the result.</summary>
internal sealed class CallTrace
{
    /// <summary>The connection that the reply came on, or, if none did, the last that the command was sent on; null when it was not sent.</summary>
    internal Connection? On { get; set; }

    /// <summary>When it ended, in the order of the connection's answers, on the clock of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    internal long At { get; set; }
}
