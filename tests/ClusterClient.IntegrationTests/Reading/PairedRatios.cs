// What one thing costs beside another, each time measured next to it: the median of the ratios, and between which bounds it lies.
namespace ClusterClient.IntegrationTests.Reading;

/// <summary>One estimate over all pairs. A machine that is busy for a while makes it less certain, which the bounds show, and not better or worse.</summary>
internal sealed class PairedRatios
{
    /// <summary>Of a hundred intervals 99 hold the true median, whatever the ratios are like: it lies between the two ranks that a fair coin leaves that seldom.</summary>
    private const double Sure = 2.576;

    private readonly List<double> _ones = [], _others = [], _ratios = [];

    public int Count => _ratios.Count;

    public double Median => Middle(_ratios);

    /// <summary>The bounds of the median.</summary>
    public (double Low, double High) Bounds
    {
        get
        {
            double[] sorted = [.. _ratios.Order()];
            int rank = Math.Max(0, (int)((sorted.Length - (Sure * Math.Sqrt(sorted.Length))) / 2) - 1);
            return (sorted[rank], sorted[^(rank + 1)]);
        }
    }

    /// <summary>Adds a pair: what the one cost, and what the other did.</summary>
    public void Add(double one, double other)
    {
        _ones.Add(one);
        _others.Add(other);
        _ratios.Add(one / other);
    }

    /// <summary>The median.</summary>
    public static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    public override string ToString() => $"{Median:F3} ({Bounds.Low:F3} to {Bounds.High:F3}, {Middle(_ones):F2} and {Middle(_others):F2} µs, {Count} pairs)";
}
