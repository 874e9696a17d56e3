// Tests that listen to the process-wide Meter or ActivitySource run alone: a listener makes every other test's commands measured and traced.
namespace ClusterClient.UnitTests.Diagnostics;

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Listening
{
    public const string Name = "listens to the Meter or the ActivitySource";
}
