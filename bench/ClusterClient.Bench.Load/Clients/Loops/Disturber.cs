// The one caller that behaves badly while others are measured; what it does itself is not counted.
namespace ClusterClient.Bench.Load;

internal static class Disturber
{
    private const int Unfetched = 1000;

    public static Task RunAsync<T, TOperation>(TOperation operation, Disturbance disturbance, DataSet data, RunWindow window)
        where TOperation : struct, IOperation<T> => disturbance switch
        {
            Disturbance.NeverAwaits => FetchLateAsync<T, TOperation>(operation, data.Count, window),
            Disturbance.HandlesSlowly => HandleSlowlyAsync<T, TOperation>(operation, window),
            Disturbance.LargeValue or Disturbance.HugeValueInBulk => ReadLargeAsync<T, TOperation>(operation, data, window),
            _ => throw new InvalidOperationException($"No such caller for {disturbance}."),
        };

    private static async Task FetchLateAsync<T, TOperation>(TOperation operation, int keys, RunWindow window)
        where TOperation : struct, IOperation<T>
    {
#pragma warning disable CA2012 // Each ValueTask is awaited exactly once, only late.
        var pending = new ValueTask<T>[Unfetched];
        while (!window.Stopped)
        {
            for (int i = 0; i < pending.Length; i++) pending[i] = operation.Start(i % keys);
            await Task.Delay(100);
            foreach (ValueTask<T> task in pending) operation.Finish(await task);
        }
#pragma warning restore CA2012
    }

    private static async Task HandleSlowlyAsync<T, TOperation>(TOperation operation, RunWindow window)
        where TOperation : struct, IOperation<T>
    {
        while (!window.Stopped)
        {
            operation.Finish(await operation.Start(0));
            // Blocking is the point: the thread that brought the reply is held up.
            Thread.Sleep(20);
        }
    }

    private static async Task ReadLargeAsync<T, TOperation>(TOperation operation, DataSet data, RunWindow window)
        where TOperation : struct, IOperation<T>
    {
        int large = data.LargeKey ?? throw new InvalidOperationException("The data set has no large value.");
        while (!window.Stopped)
        {
            operation.Finish(await operation.Start(large));
            await Task.Delay(500);
        }
    }
}
