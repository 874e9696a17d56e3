// The commands without keys that one node of a cluster answers for itself alone.
using System.Collections.Frozen;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>
/// Commands that concern every master: sent to one of several they would report success and leave the others as they were, or count a
/// part for the whole. Until the client fans them out they are refused, so that nobody is misled.
/// </summary>
internal static class ClusterWideCommands
{
    private static readonly FrozenSet<string> _names = FrozenSet.Create(
        StringComparer.Ordinal,
        "FLUSHALL", "FLUSHDB", "DBSIZE", "KEYS", "SCAN", "RANDOMKEY",
        "SCRIPT LOAD", "SCRIPT FLUSH", "SCRIPT EXISTS", "FUNCTION LOAD", "FUNCTION DELETE", "FUNCTION FLUSH", "FUNCTION RESTORE");

    /// <summary>Commands that act on, or tell of, the one node they reach: which one is not for the client to choose.</summary>
    private static readonly FrozenSet<string> _ofOneNode = FrozenSet.Create(
        StringComparer.Ordinal,
        "SHUTDOWN", "FAILOVER", "REPLICAOF", "SLAVEOF", "SAVE", "BGSAVE", "BGREWRITEAOF", "DEBUG", "CONFIG SET", "CONFIG REWRITE", "CONFIG RESETSTAT",
        "CLIENT LIST", "CLIENT KILL", "CLIENT PAUSE", "CLIENT UNPAUSE", "SLOWLOG", "SLOWLOG GET", "SLOWLOG LEN", "SLOWLOG RESET", "LATENCY", "MODULE", "MODULE LOAD", "MODULE UNLOAD");

    /// <exception cref="NotSupportedException">The command would reach one of several masters only.</exception>
    internal static void ThrowIfOneNodeWouldMislead(CommandInfo command)
    {
        if (_names.Contains(command.Name))
        {
            throw new NotSupportedException(
                $"{command.Name} was not sent: in a cluster it concerns every master, and one node would answer for itself alone. Send it to each with OnNode(master), for the masters of Topology.Masters; sending it to all at once comes with a later version of ClusterClient.");
        }

        if (_ofOneNode.Contains(command.Name))
            throw new NotSupportedException($"{command.Name} was not sent: it concerns the one node it reaches, and in a cluster you must say which. Use OnNode(node), for a node of Topology.Nodes.");
    }
}
