// GET into an object of the caller's choice; see StringParsedCommands for structs.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>GET of values that are objects with a UTF-8 text form.</summary>
public static class StringParsedObjectCommands
{
    private static readonly CommandInfo Get = CommandTable.Get("GET");

    extension(ICommandExecutor redis)
    {
        /// <summary>Gets a value parsed from the bytes on the wire (<c>GET</c>).</summary>
        /// <typeparam name="T">A class that can be parsed from UTF-8; parsed with the invariant culture. For <see cref="string"/> use <c>StringGetTextAsync</c>.</typeparam>
        /// <param name="key">The key.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The value; null when the key does not exist.</returns>
        /// <exception cref="UnexpectedReplyException">The value cannot be parsed.</exception>
        public ValueTask<T?> StringGetAsync<T>(RedisKey key, CancellationToken cancellationToken = default)
            where T : class, IUtf8SpanParsable<T> =>
            redis.ExecuteAsync(new Command(Get, Argument.Key(key)), Replies.ParsedObject<T>(), cancellationToken);
    }
}
