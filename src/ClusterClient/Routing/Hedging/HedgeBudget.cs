// How many second questions hedged reads may ask: a share of the reads, and a few at once.
namespace ClusterClient.Routing.Hedging;

/// <summary>Each read earns a part of a second question; a short burst may be saved up, so that a slow node costs no more than the share that was allowed.</summary>
/// <param name="percent">Second questions per hundred reads.</param>
internal sealed class HedgeBudget(int percent)
{
    private const long One = 100;
    private const long Most = 10 * One;
    private long _saved = One;

    /// <summary>A read was begun.</summary>
    internal void Earn()
    {
        if (Volatile.Read(ref _saved) < Most) Interlocked.Add(ref _saved, percent);
    }

    /// <summary>Takes one second question, if there is one.</summary>
    internal bool TrySpend()
    {
        if (Interlocked.Add(ref _saved, -One) >= 0) return true;
        Interlocked.Add(ref _saved, One);
        return false;
    }

    /// <summary>A second question that was taken could not be asked.</summary>
    internal void GiveBack() => Interlocked.Add(ref _saved, One);
}
