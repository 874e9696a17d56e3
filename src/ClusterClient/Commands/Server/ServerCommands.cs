// Server commands: INFO, TIME, DBSIZE.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands that ask a server about itself. In a cluster INFO must say which one: use <c>OnNode</c>, or <c>OnEachNodeAsync</c> for all.</summary>
public static class ServerCommands
{
    private static readonly CommandInfo DatabaseSize = CommandTable.Get("DBSIZE");
    private static readonly CommandInfo Info = CommandTable.Get("INFO");
    private static readonly CommandInfo Time = CommandTable.Get("TIME");

    private static readonly ReplyParser<DateTimeOffset> TimeReply = Replies.Create(ReadTime);

    extension(ICommandExecutor redis)
    {
        /// <summary>What the server says about itself (<c>INFO</c>).</summary>
        /// <param name="section">One section, such as <c>replication</c>; <c>everything</c> for all; null for the usual ones.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ServerInfo> InfoAsync(string? section = null, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(section is null ? new Command(Info) : new Command(Info, section), ServerInfo.Reply, cancellationToken);

        /// <summary>What the server says about itself, in several sections (<c>INFO</c>, Redis 7.0).</summary>
        /// <param name="sections">The sections; none for the usual ones.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ServerInfo> InfoAsync(ReadOnlySpan<string> sections, CancellationToken cancellationToken = default)
        {
            var arguments = default(ArgumentList);
            foreach (string section in sections) arguments.Add(Argument.Value(section, nameof(sections)));
            return redis.ExecuteAsync(arguments.ToCommand(Info), ServerInfo.Reply, cancellationToken);
        }

        /// <summary>The server's clock, to the microsecond (<c>TIME</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<DateTimeOffset> TimeAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Time), TimeReply, cancellationToken);

        /// <summary>
        /// How many keys the client's database has (<c>DBSIZE</c>): in a cluster on all masters together, on a view of one node there. While slots move,
        /// keys that are in transit at that moment may count twice or not at all.
        /// </summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> DatabaseSizeAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(DatabaseSize), Replies.Int64, cancellationToken);
    }

    private static DateTimeOffset ReadTime(ref RespReader reader)
    {
        if (reader.Count != 2) throw Unexpected.Reply(reader, "seconds and microseconds");
        reader.Read();
        long seconds = reader.ReadInt64();
        reader.Read();
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddMicroseconds(reader.ReadInt64());
    }
}
