// An executor that has each command confirmed by replicas or disks before it returns: the command and its WAIT together on a leased connection.
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>
/// WAIT holds up everybody behind it and speaks of the writes of its own connection alone, so both travel on a connection that nobody else uses.
/// </summary>
/// <param name="leased">Runs two commands on one connection.</param>
/// <param name="wait"><c>WAIT</c> or <c>WAITAOF</c> with its arguments.</param>
/// <param name="local">Whether the master's own disk must have confirmed (<c>WAITAOF</c>).</param>
/// <param name="replicas">How many replicas must have confirmed.</param>
internal sealed class WaitingWrites(LeasedCall leased, Command wait, bool local, int replicas) : ICommandExecutor
{
    internal static CommandInfo Wait { get; } = CommandTable.Get("WAIT");

    internal static CommandInfo WaitAof { get; } = CommandTable.Get("WAITAOF");

    /// <summary>Whether a command was made on it.</summary>
    internal bool IsUsed { get; private set; }

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        RefusedCommands.ThrowIfRefused(command);
        IsUsed = true;
        return ConfirmAsync(command, reply, cancellationToken);
    }

    /// <summary>Makes the user's call.</summary>
    /// <exception cref="InvalidOperationException">The call went elsewhere: nobody waited for its replicas, and to say nothing would look as if somebody had.</exception>
    internal async ValueTask<T> RunAsync<T>(Func<ICommandExecutor, ValueTask<T>> write)
    {
        T result = await write(this).ConfigureAwait(false);
        return IsUsed ? result
            : throw new InvalidOperationException($"{wait.Info.Name} was not sent: the call was not made on the executor that it was given. If it wrote by another one, that write ran, and nothing is known of replicas.");
    }

    private async ValueTask<T> ConfirmAsync<T>(Command command, ReplyParser<T> reply, CancellationToken cancellationToken)
    {
        (T result, Confirmations confirmed, string node) = await leased.ExecuteAsync(command, reply, wait, ConfirmationsReply.Instance, cancellationToken).ConfigureAwait(false);
        if (confirmed.Replicas >= replicas && (!local || confirmed.Local >= 1)) return result;
        string asked = local ? $"the master's disk and {replicas} replicas" : $"{replicas} replicas";
        string told = local ? $"{(confirmed.Local >= 1 ? "the master's disk" : "not even the master's disk")} and {confirmed.Replicas} replicas" : $"{confirmed.Replicas}";
        throw new NotReplicatedException(
            $"{command.Info.Name} ran on {node}, but of {asked} only {told} had confirmed it when the time of {wait.Info.Name} was over. It is not undone: it may still reach them, and it may be lost if the master fails now.",
            confirmed.Replicas)
        { CommandName = command.Info.Name, Node = node };
    }

    /// <param name="Local">How many of the master's own append-only files have it; 0 for <c>WAIT</c>.</param>
    /// <param name="Replicas">How many replicas have it.</param>
    private readonly record struct Confirmations(long Local, long Replicas);

    /// <summary><c>WAIT</c> answers a number, <c>WAITAOF</c> two.</summary>
    private sealed class ConfirmationsReply : ReplyParser<Confirmations>
    {
        internal static ConfirmationsReply Instance { get; } = new();

        public override Confirmations Parse(ref RespReader reader)
        {
            if (reader.Type == RespType.Integer) return new(0, reader.ReadInt64());
            reader.Read();
            long local = reader.ReadInt64();
            reader.Read();
            return new(local, reader.ReadInt64());
        }
    }
}
