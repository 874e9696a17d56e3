// What is known of a whole whose parts did not all succeed.
namespace ClusterClient.Routing;

/// <summary>Judges parts together: those of a command cut by slot, or sent to several nodes.</summary>
internal static class PartOutcomes
{
    /// <summary>Some done and some not is partly; if none is done, the worst of what is known.</summary>
    /// <param name="failures">Why parts failed; at least one.</param>
    /// <param name="isAnyDone">Whether any part succeeded.</param>
    internal static Outcome Of(IEnumerable<Exception> failures, bool isAnyDone)
    {
        if (isAnyDone) return Outcome.PartlyExecuted;
        Outcome[] outcomes = [.. failures.Select(Of)];
        if (outcomes.Contains(Outcome.PartlyExecuted)) return Outcome.PartlyExecuted;
        if (outcomes.Contains(Outcome.Unknown)) return Outcome.Unknown;
        return outcomes.Contains(Outcome.Rejected) ? Outcome.Rejected : Outcome.NotExecuted;
    }

    private static Outcome Of(Exception failure) => failure switch
    {
        RedisException known => known.Outcome,
        RedisCanceledException cancelled => cancelled.Outcome,
        ObjectDisposedException => Outcome.NotExecuted,
        _ => Outcome.Unknown,
    };
}
