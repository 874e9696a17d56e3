// The owner of the client's own commands on a connection: handshake, heartbeat, topology queries.
using System.Text;

namespace ClusterClient.Connections;

/// <summary>Neither redirects nor retries: a control command is about this very connection, so its failure is its answer.</summary>
internal sealed class ControlOwner : OperationOwner
{
    internal static ControlOwner Instance { get; } = new();

    internal override void OnErrorReply(Operation operation, ReadOnlySpan<byte> error, Connection from)
        => operation.Fail(OperationErrors.Refused(operation, Encoding.UTF8.GetString(error), Outcome.Rejected));

    internal override void OnConnectionLost(Operation operation, bool wasHanded, RedisConnectionException cause)
        => operation.Fail(OperationErrors.Lost(operation, cause, wasHanded ? Outcome.Unknown : Outcome.NotExecuted));
}
