namespace ClusterClient.Bench.Load;
internal static class CostsRun { public static Task<int> RunAsync(Run run, CancellationToken cancellationToken) => throw new InvalidOperationException("later"); }
