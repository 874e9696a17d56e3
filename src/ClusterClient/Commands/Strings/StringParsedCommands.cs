// GET into a type of the caller's choice: two classes, because a struct and a class make T? mean different things.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>GET of values that are numbers, dates, identifiers…</summary>
public static class StringParsedCommands
{
    private static readonly CommandInfo Get = CommandTable.Get("GET");

    extension(ICommandExecutor redis)
    {
        /// <summary>Gets a value parsed from the bytes on the wire, without allocating (<c>GET</c>).</summary>
        /// <typeparam name="T">A number, <see cref="Guid"/>, <see cref="TimeSpan"/>…; parsed with the invariant culture.</typeparam>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value; null when the key does not exist.</returns>
        /// <exception cref="UnexpectedReplyException">The value cannot be parsed.</exception>
        public ValueTask<T?> StringGetAsync<T>(RedisKey key, CancellationToken cancellationToken = default)
            where T : struct, IUtf8SpanParsable<T> =>
            redis.ExecuteAsync(new Command(Get, Argument.Key(key)), Replies.Parsed<T>(), cancellationToken);
    }
}
