// What went wrong with a local topology.
namespace ClusterClient.Testing;

/// <summary>A topology could not be brought into the state that was asked for. The message says what is missing and ends with the server's log where that helps.</summary>
public class LocalTopologyException : Exception
{
    /// <summary>An exception with the given message.</summary>
    /// <param name="message">What was tried, on which node, and what came of it.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public LocalTopologyException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}

/// <summary>A server answered an administrative command with an error.</summary>
/// <param name="node">Host and port of the node that answered.</param>
/// <param name="command">The command's name.</param>
/// <param name="error">The server's own words, beginning with the error code.</param>
public sealed class ServerReplyException(string node, string command, string error)
    : LocalTopologyException($"{node} answered {command} with an error: {error}")
{
    /// <summary>The server's own words, beginning with the error code.</summary>
    public string Error { get; } = error;
}
