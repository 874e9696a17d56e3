// The server's own error reply, kept word for word.
namespace ClusterClient;

/// <summary>The server answered with an error reply (<c>-CODE words</c>), and the client's rules do not allow or no longer allow trying again.</summary>
public sealed class RedisServerException : RedisException
{
    /// <summary>Makes an exception from the server's error line.</summary>
    /// <param name="serverMessage">The error line without its leading type byte: <c>WRONGTYPE Operation against…</c>.</param>
    /// <param name="explanation">What the client did before it gave up (redirects followed, waits), or null.</param>
    /// <param name="outcome">What is known about the effect.</param>
    public RedisServerException(string serverMessage, string? explanation = null, Outcome outcome = Outcome.Rejected)
        : base(explanation is null ? serverMessage : $"{serverMessage} ({explanation})", outcome)
    {
        ServerMessage = serverMessage;
        int space = serverMessage.IndexOf(' ', StringComparison.Ordinal);
        Code = space < 0 ? serverMessage : serverMessage[..space];
    }

    /// <summary>The first word of the error line: <c>WRONGTYPE</c>, <c>NOPERM</c>, <c>OOM</c>…</summary>
    public string Code { get; }

    /// <summary>The whole error line as the server wrote it.</summary>
    public string ServerMessage { get; }

    /// <summary>Whether the same call can only get the same answer: a node that was named by the caller says that another serves this.</summary>
    internal bool IsOfNamedNode { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient => !IsOfNamedNode && Code is "TRYAGAIN" or "CLUSTERDOWN" or "LOADING" or "MASTERDOWN" or "NOREPLICAS"
        or "BUSY" or "OOM" or "MISCONF" or "READONLY" or "MOVED" or "ASK";
}
