// A feature that looks at its neighbour; what it uses of the lower layers is allowed.
namespace ClusterClient.UnitTests.Quality.LayerSamples;

internal static class FeatureA
{
    public static int Do() => FeatureB.Do() + Middle.Count() + LowBox<Middle>.Size;
}
