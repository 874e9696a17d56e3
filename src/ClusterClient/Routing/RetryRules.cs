// What may be sent again although it may have run.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>The one rule for commands whose connection was lost when they were on the wire.</summary>
internal static class RetryRules
{
    internal static bool MayRunAgain(CommandInfo command, RetryPolicy retry)
    {
        // The cursors of a process mean nothing to another.
        if (command.Is(CommandFlags.ProcessBound)) return false;
        return command.Is(CommandFlags.ReadOnly)
            || retry == RetryPolicy.All
            || (retry == RetryPolicy.Idempotent && command.Is(CommandFlags.Idempotent));
    }
}
