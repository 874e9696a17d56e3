// A log-linear histogram of durations: every power of two is cut into 128 equal steps, so a figure is right to 0.8 percent.
using System.Diagnostics;
using System.Numerics;

namespace ClusterClient.Bench.Load;

/// <summary>
/// Counts durations in Stopwatch ticks. Adding is one interlocked increment and no allocation, so that any number of
/// callers can share one.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 7;
    private const int Steps = 1 << StepBits;

    // 2^40 ticks of 1 ns are 18 minutes: nothing measured here lasts longer; what does is counted in the last step.
    private const int MostBits = 40;

    private readonly long[] _counts = new long[(MostBits - StepBits + 1) * Steps];

    public void Add(long ticks, long times = 1)
    {
        long capped = Math.Clamp(ticks, 0, (1L << MostBits) - 1);
        Interlocked.Add(ref _counts[IndexOf(capped)], times);
    }

    public void Clear() => Array.Clear(_counts);

    /// <summary>The duration that the given share of all stayed at or below, in microseconds; null when nothing was counted.</summary>
    public double? Quantile(double share)
    {
        long total = 0;
        foreach (long count in _counts) total += count;
        if (total == 0) return null;

        long rank = Math.Max(1, (long)Math.Ceiling(share * total));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return UpperBound(i) * 1e6 / Stopwatch.Frequency;
        }

        throw new InvalidOperationException("The counts changed while they were read.");
    }

    private static int IndexOf(long ticks)
    {
        if (ticks < Steps) return (int)ticks;
        int shift = BitOperations.Log2((ulong)ticks) - StepBits;
        // The leading bit of (ticks >> shift) is always set, so each further power of two fills the next run of steps.
        return ((shift + 1) << StepBits) + (int)((ticks >> shift) - Steps);
    }

    private static long UpperBound(int index)
    {
        if (index < Steps) return index;
        int shift = (index >> StepBits) - 1;
        long step = (index & (Steps - 1)) + Steps;
        return ((step + 1) << shift) - 1;
    }
}
