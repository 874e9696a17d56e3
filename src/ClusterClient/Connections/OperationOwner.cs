// Who decides what happens to an operation that could not simply be answered.
namespace ClusterClient.Connections;

/// <summary>
/// Decides what becomes of operations that were refused, lost or given up. Its methods run on the connection's reader or
/// on the sweeper: they must not block. The operation they get is in the phase Dispatching and theirs alone: they send
/// it on, park it, or fail it.
/// </summary>
internal abstract class OperationOwner
{
    /// <summary>Hands over an operation that the server refused. Whatever goes wrong in the decision ends the call instead of leaving it without an end.</summary>
    internal static void HandRefused(Operation operation, ReadOnlySpan<byte> error, Connection from)
    {
        int life = operation.Life;
        try
        {
            operation.Owner.OnErrorReply(operation, error, from);
        }
        catch (Exception failure)
        {
            operation.FailUndecided(life, failure);
        }
    }

    /// <summary>Hands over an operation whose connection ended, as <see cref="HandRefused"/> does.</summary>
    internal static void HandLost(Operation operation, bool wasHanded, RedisConnectionException cause)
    {
        int life = operation.Life;
        try
        {
            operation.Owner.OnConnectionLost(operation, wasHanded, cause);
        }
        catch (Exception failure)
        {
            operation.FailUndecided(life, failure);
        }
    }

    /// <summary>Hands over an operation whose place in line is gone, as <see cref="HandRefused"/> does.</summary>
    internal static void HandRerouted(Operation operation)
    {
        int life = operation.Life;
        try
        {
            operation.Owner.OnReroute(operation);
        }
        catch (Exception failure)
        {
            operation.FailUndecided(life, failure);
        }
    }

    /// <summary>How long altogether the deadline of an operation stands still while it waits for a master, in milliseconds.</summary>
    internal virtual int FailoverTimeoutMilliseconds => 0;

    /// <summary>The server answered with an error; <paramref name="error"/> is the line without its type byte.</summary>
    internal abstract void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from);

    /// <summary>The connection ended while the operation was on it.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="wasHanded">Whether its bytes were handed to the socket, so that it may have run.</param>
    /// <param name="cause">Why the connection ended.</param>
    internal abstract void OnConnectionLost(Operation operation, bool wasHanded, RedisConnectionException cause);

    /// <summary>The topology has changed while the operation waited unsent: it is to be routed anew.</summary>
    internal virtual void OnReroute(Operation operation)
        => operation.Fail(new RedisConnectionException($"{operation.Command.Info.Name} lost its place in line.", ConnectionFailure.Superseded, Outcome.NotExecuted));

    /// <summary>A reply arrived that is well-formed but not what the parser expects, or the operation failed otherwise: counted by those who watch.</summary>
    internal virtual void OnCompleted(Operation operation, Exception? failure)
    {
    }
}
