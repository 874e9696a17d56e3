// PING and ECHO.
using System.Diagnostics;
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands that only show that a server answers.</summary>
public static class PingCommands
{
    private static readonly CommandInfo Echo = CommandTable.Get("ECHO");
    private static readonly CommandInfo Ping = CommandTable.Get("PING");

    extension(ICommandExecutor redis)
    {
        /// <summary>Asks for a sign of life (<c>PING</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The time from this call to the reply's arrival, waiting in line included.</returns>
        public ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Ping), new PingReply(Stopwatch.GetTimestamp()), cancellationToken);

        /// <summary>Has a value sent back (<c>ECHO</c>).</summary>
        /// <param name="message">The value.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The same value.</returns>
        public ValueTask<RedisValue> EchoAsync(RedisValue message, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Echo, Argument.Value(message)), Replies.Value, cancellationToken);
    }

    // One a call: the clock is read where the reply is, not after the hop to the caller.
    private sealed class PingReply(long sent) : ReplyParser<TimeSpan>
    {
        public override TimeSpan Parse(ref RespReader reader) =>
            reader.Span.SequenceEqual("PONG"u8) ? Stopwatch.GetElapsedTime(sent) : throw Unexpected.Reply(reader, "PONG");
    }
}
