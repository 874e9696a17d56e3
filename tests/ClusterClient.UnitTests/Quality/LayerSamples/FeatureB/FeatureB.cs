// The neighbour.
namespace ClusterClient.UnitTests.Quality.LayerSamples;

internal static class FeatureB
{
    public static int Do() => 1;
}
