// A scan of the whole deployment that cannot go on for now.
using ClusterClient.Scanning;

namespace ClusterClient;

/// <summary>
/// A scan gave up waiting: some slots have had no reachable owner, or were on the move, for too long. What it gave is right; <see cref="Cursor"/> goes on with what is missing.
/// </summary>
public sealed class ScanInterruptedException : RedisException
{
    /// <summary>Makes an exception for a scan that cannot go on.</summary>
    public ScanInterruptedException(string message, ScanCursor cursor, Exception? innerException = null)
        : base(message, Outcome.PartlyExecuted, innerException) => Cursor = cursor;

    /// <summary>Where to go on later: pass it to <see cref="RedisClient.ScanAsync"/>.</summary>
    public ScanCursor Cursor { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;

    internal static ScanInterruptedException Of(SlotSet open, TopologySnapshot topology, ScanState state, Exception? cause)
    {
        string[] owners = [.. open.Slots().Select(slot => topology.MasterOf(slot)?.Endpoint.ToString() ?? "nobody").Distinct(StringComparer.Ordinal).Take(5)];
        string why = cause is null ? "they were on the move all the time" : $"the last failure was: {cause.Message}";
        return new(
            $"The scan gave up: {open.Count} of 16384 slots ({open}) could not be read to their end. By the present topology they belong to {string.Join(", ", owners)}; {why}. What was given is right. Pass this exception's Cursor to ScanAsync when the deployment is well again.",
            new ScanCursor(state), cause)
        { CommandName = "SCAN" };
    }
}
