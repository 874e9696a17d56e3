// How long a measurement takes.
namespace ClusterClient.Bench.Load;

/// <param name="WarmUp">Time that the callers already run before anything counts, in every measurement.</param>
/// <param name="Window">Time that counts.</param>
internal sealed record Timing(TimeSpan WarmUp, TimeSpan Window);
