// What the lower layer's samples must not use.
namespace ClusterClient.UnitTests.Quality.LayerSamples;

internal class Middle
{
    public static int Count() => 1;
}

internal interface IMiddleRole;

internal enum MiddleKind
{
    One,
}

internal sealed class MiddleException : Exception;

[AttributeUsage(AttributeTargets.All)]
internal sealed class MiddleAttribute : Attribute;
