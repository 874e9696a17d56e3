// Server commands: CONFIG.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on a server's configuration. In a cluster they must say which: use <c>OnNode</c>, or <c>OnEachNodeAsync</c> for all.</summary>
public static class ConfigCommands
{
    private static readonly CommandInfo Get = CommandTable.Get("CONFIG GET");
    private static readonly CommandInfo ResetStatistics = CommandTable.Get("CONFIG RESETSTAT");
    private static readonly CommandInfo Rewrite = CommandTable.Get("CONFIG REWRITE");
    private static readonly CommandInfo Set = CommandTable.Get("CONFIG SET");

    extension(ICommandExecutor redis)
    {
        /// <summary>Gets parameters (<c>CONFIG GET</c>).</summary>
        /// <param name="pattern">A parameter's name, or a pattern such as <c>max*</c>.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Names and values; empty when nothing matches.</returns>
        public ValueTask<IReadOnlyDictionary<string, string>> ConfigGetAsync(string pattern = "*", CancellationToken cancellationToken = default)
        {
            ArgumentException.ThrowIfNullOrEmpty(pattern);
            return redis.ExecuteAsync(new Command(Get, pattern), Replies.TextMap, cancellationToken);
        }

        /// <summary>Sets a parameter until the next restart (<c>CONFIG SET</c>).</summary>
        /// <param name="parameter">Its name.</param>
        /// <param name="value">Its value.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        public ValueTask<bool> ConfigSetAsync(string parameter, RedisValue value, CancellationToken cancellationToken = default)
        {
            ArgumentException.ThrowIfNullOrEmpty(parameter);
            return redis.ExecuteAsync(new Command(Set, parameter, Argument.Value(value)), Replies.Ok, cancellationToken);
        }

        /// <summary>Sets several parameters, all or none (<c>CONFIG SET</c>, Redis 7.0).</summary>
        /// <param name="parameters">Names and values.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        public ValueTask<bool> ConfigSetAsync(ReadOnlySpan<KeyValuePair<string, RedisValue>> parameters, CancellationToken cancellationToken = default)
        {
            if (parameters.IsEmpty) throw new ArgumentException("At least one parameter is needed.", nameof(parameters));
            var arguments = default(ArgumentList);
            foreach ((string name, RedisValue value) in parameters)
            {
                ArgumentException.ThrowIfNullOrEmpty(name, nameof(parameters));
                arguments.Add(name, Argument.Value(value, nameof(parameters)));
            }

            return redis.ExecuteAsync(arguments.ToCommand(Set), Replies.Ok, cancellationToken);
        }

        /// <summary>Sets the statistics that INFO shows back to zero (<c>CONFIG RESETSTAT</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        public ValueTask<bool> ConfigResetStatisticsAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(ResetStatistics), Replies.Ok, cancellationToken);

        /// <summary>Writes the parameters into the server's configuration file (<c>CONFIG REWRITE</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure (such as a server without such a file) is an exception.</returns>
        public ValueTask<bool> ConfigRewriteAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Rewrite), Replies.Ok, cancellationToken);
    }
}
