// Connection commands: who is connected to a server.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on the connections of a server. In a cluster they must say which: use <c>OnNode</c>, or <c>OnEachNodeAsync</c> for all.</summary>
public static class ClientCommands
{
    private static readonly CommandInfo GetName = CommandTable.Get("CLIENT GETNAME");
    private static readonly CommandInfo Id = CommandTable.Get("CLIENT ID");
    private static readonly CommandInfo Info = CommandTable.Get("CLIENT INFO");
    private static readonly CommandInfo Kill = CommandTable.Get("CLIENT KILL");
    private static readonly CommandInfo List = CommandTable.Get("CLIENT LIST");
    private static readonly CommandInfo Pause = CommandTable.Get("CLIENT PAUSE");
    private static readonly CommandInfo Unblock = CommandTable.Get("CLIENT UNBLOCK");
    private static readonly CommandInfo Unpause = CommandTable.Get("CLIENT UNPAUSE");

    extension(ICommandExecutor redis)
    {
        /// <summary>The id of the connection this command goes over (<c>CLIENT ID</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> ClientIdAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Id), Replies.Int64, cancellationToken);

        /// <summary>What the server knows of the connection this command goes over (<c>CLIENT INFO</c>, Redis 6.2).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ClientInfo> ClientInfoAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Info), ClientInfo.Reply, cancellationToken);

        /// <summary>The name of the connection this command goes over; the options set it (<c>CLIENT GETNAME</c>).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The name; null when it has none.</returns>
        public ValueTask<string?> ClientGetNameAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(GetName), Replies.Text, cancellationToken);

        /// <summary>The connections of the server (<c>CLIENT LIST</c>).</summary>
        /// <param name="type">Only those of this kind; null for all.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<ClientInfo[]> ClientListAsync(ClientType? type = null, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(
                type is { } kind ? new Command(List, Words.Type, ClientTypes.Word(kind)) : new Command(List), ClientInfo.ListReply, cancellationToken);

        /// <summary>Certain connections of the server (<c>CLIENT LIST ID</c>, Redis 6.2).</summary>
        /// <param name="ids">Their ids.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Those of them that are connected.</returns>
        /// <exception cref="ArgumentException">There is no id.</exception>
        public ValueTask<ClientInfo[]> ClientListAsync(ReadOnlySpan<long> ids, CancellationToken cancellationToken = default)
        {
            if (ids.IsEmpty) throw new ArgumentException("At least one id is needed.", nameof(ids));
            var arguments = default(ArgumentList);
            arguments.Add(Words.Id);
            foreach (long id in ids) arguments.Add(id);
            return redis.ExecuteAsync(arguments.ToCommand(List), ClientInfo.ListReply, cancellationToken);
        }

        /// <summary>Closes connections (<c>CLIENT KILL</c>).</summary>
        /// <param name="filter">Which.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>How many were closed.</returns>
        /// <exception cref="ArgumentException">The filter is empty.</exception>
        public ValueTask<long> ClientKillAsync(ClientKillFilter filter, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(filter);
            var arguments = default(ArgumentList);
            filter.AddTo(ref arguments);
            return redis.ExecuteAsync(arguments.ToCommand(Kill), Replies.Int64, cancellationToken);
        }

        /// <summary>Holds up the clients' commands for a while (<c>CLIENT PAUSE</c>).</summary>
        /// <param name="time">How long; finer than a millisecond is rounded up.</param>
        /// <param name="writesOnly">Whether only commands that may write are held up (Redis 6.2); else all are, this client's too.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        public ValueTask<bool> ClientPauseAsync(TimeSpan time, bool writesOnly = false, CancellationToken cancellationToken = default)
        {
            long milliseconds = Argument.Milliseconds(time, nameof(time));
            return redis.ExecuteAsync(
                writesOnly ? new Command(Pause, milliseconds, "WRITE") : new Command(Pause, milliseconds), Replies.Ok, cancellationToken);
        }

        /// <summary>Ends what <c>ClientPauseAsync</c> began (<c>CLIENT UNPAUSE</c>, Redis 6.2).</summary>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Always true; a failure is an exception.</returns>
        public ValueTask<bool> ClientUnpauseAsync(CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Unpause), Replies.Ok, cancellationToken);

        /// <summary>Frees a client that waits in a blocking command (<c>CLIENT UNBLOCK</c>).</summary>
        /// <param name="id">Its connection's id.</param>
        /// <param name="withError">Whether its command ends with the error UNBLOCKED, instead of as if its time had run out.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>Whether it was waiting.</returns>
        public ValueTask<bool> ClientUnblockAsync(long id, bool withError = false, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(withError ? new Command(Unblock, id, "ERROR") : new Command(Unblock, id), Replies.Boolean, cancellationToken);
    }
}
