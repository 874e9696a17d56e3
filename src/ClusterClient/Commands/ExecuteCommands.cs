// Any command by name: checked, described from the table, and refused where the shared connection must not carry it.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Runs commands that have no method of their own.</summary>
public static class ExecuteCommands
{
    extension(ICommandExecutor redis)
    {
        /// <summary>Runs any command: <c>ExecuteAsync("OBJECT", "ENCODING", "user:1")</c>. Its keys are found and routed like those of typed commands.</summary>
        /// <param name="command">The command's name, in upper or lower case; a container command with its subcommand (<c>"OBJECT ENCODING"</c>) is fine too.</param>
        /// <param name="arguments">The arguments behind the name. None may be null.</param>
        /// <returns>The reply, of whatever shape.</returns>
        /// <exception cref="ArgumentException">The name is empty or has characters no command has, or an argument is null.</exception>
        /// <exception cref="NotSupportedException">
        /// The command would change the state or the reply count of the connection that all callers share, or hold it; the message says what to use instead.
        /// </exception>
        public ValueTask<RespValue> ExecuteAsync(string command, params ReadOnlySpan<RedisValue> arguments) =>
            redis.ExecuteAsync(AnyCommand.Create(command, arguments), Replies.Tree, CancellationToken.None);

        /// <summary>Runs any command, as the overload without a token does.</summary>
        /// <param name="command">The command's name.</param>
        /// <param name="arguments">The arguments behind the name. None may be null.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The reply, of whatever shape.</returns>
        /// <exception cref="ArgumentException">The name is empty or has characters no command has, or an argument is null.</exception>
        /// <exception cref="NotSupportedException">The shared connection must not carry the command; the message says what to use instead.</exception>
        public ValueTask<RespValue> ExecuteAsync(string command, RedisValue[] arguments, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(arguments);
            return redis.ExecuteAsync(AnyCommand.Create(command, arguments), Replies.Tree, cancellationToken);
        }
    }
}
