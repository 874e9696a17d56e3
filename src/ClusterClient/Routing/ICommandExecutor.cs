// The one method that everything that runs commands has.
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>
/// Runs commands: a client, a pinned node, a view with another read policy or timeout, a batch. Every typed command is
/// an extension of this interface, so each works on all of them.
/// </summary>
public interface ICommandExecutor
{
    /// <summary>Sends <paramref name="command"/> to the node it belongs to and gives its reply.</summary>
    /// <param name="command">The command; its arguments stay borrowed until the returned task completes.</param>
    /// <param name="reply">How to read the reply.</param>
    /// <param name="cancellationToken">Gives the call up. A command that was not sent yet is not executed then; one that was, may be.</param>
    /// <returns>A task to be awaited exactly once (use <c>AsTask()</c> to await it several times).</returns>
    /// <exception cref="RedisException">The call failed; <see cref="RedisException.Outcome"/> says what is known of its effect.</exception>
    ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default);
}
