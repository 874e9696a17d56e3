// The commands that the client sends for its own sake, to one node and on one connection.
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

internal static class ControlCommands
{
    internal static CommandInfo Ping { get; } = new("PING", KeySpec.None, CommandFlags.ReadOnly | CommandFlags.AnyNode);

    internal static CommandInfo Info { get; } = new("INFO", KeySpec.None, CommandFlags.ReadOnly);

    /// <summary>A replica of a cluster answers reads on this connection from here on.</summary>
    internal static CommandInfo ReadOnly { get; } = new("READONLY", KeySpec.None, CommandFlags.ChangesConnection);

    /// <summary>The end of <see cref="ReadOnly"/>.</summary>
    internal static CommandInfo ReadWrite { get; } = new("READWRITE", KeySpec.None, CommandFlags.ChangesConnection);
}
