// Where a call was answered, for those who must know on which connection.
namespace ClusterClient.Connections;

/// <summary>Filled before the caller hears of the result.</summary>
internal sealed class CallTrace
{
    /// <summary>The connection that the reply came on; null while there is none, and after a failure.</summary>
    internal Connection? AnsweredBy { get; set; }
}
