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

    /// <exception cref="NotSupportedException">The command would reach one of several masters only.</exception>
    internal static void ThrowIfOneNodeWouldMislead(CommandInfo command)
    {
        if (_names.Contains(command.Name))
        {
            throw new NotSupportedException(
                $"{command.Name} was not sent: in a cluster it concerns every master, and one node would answer for itself alone. Send it to each with OnNode(master), for the masters of Topology.Masters; sending it to all at once comes with a later version of ClusterClient.");
        }
    }
}
