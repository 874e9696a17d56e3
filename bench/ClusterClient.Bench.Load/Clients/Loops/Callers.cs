// Starts the callers of a workload over one client.
namespace ClusterClient.Bench.Load;

internal static class Callers
{
    public static Task RunAsync<T, TOperation>(TOperation operation, Workload workload, DataSet data, RunWindow window)
        where TOperation : struct, IOperation<T>
    {
        if (workload.Rate is int rate) return new OpenLoop<T, TOperation>(operation, data.Count, window).RunAsync(rate);
        List<Task> callers = Start(workload, data, window, (recorder, key) => workload.Depth == 1
            ? ClosedLoops.AwaitEachAsync<T, TOperation>(operation, data.Count, key, recorder)
            : ClosedLoops.AwaitBatchesAsync<T, TOperation>(operation, data.Count, key, recorder, workload.Depth));
        if (workload.Disturbance != Disturbance.None)
            callers.Add(Task.Run(() => Disturber.RunAsync<T, TOperation>(operation, workload.Disturbance, data, window)));
        return Task.WhenAll(callers);
    }

    /// <summary>Callers that mix two operations.</summary>
    public static Task RunMixedAsync<TRead, TReading, TWritten, TWriting>(
        TReading reading, TWriting writing, Workload workload, DataSet data, RunWindow window)
        where TReading : struct, IOperation<TRead>
        where TWriting : struct, IOperation<TWritten> =>
        Task.WhenAll(Start(workload, data, window, (recorder, key) =>
            ClosedLoops.AwaitMixedAsync<TRead, TReading, TWritten, TWriting>(reading, writing, data.Count, key, recorder)));

    private static List<Task> Start(Workload workload, DataSet data, RunWindow window, Func<CallerRecorder, int, Task> run)
    {
        var callers = new List<Task>(workload.Callers + 1);
        for (int i = 0; i < workload.Callers; i++)
        {
            CallerRecorder recorder = window.AddRecorder();
            int firstKey = i % data.Count;
            callers.Add(Task.Run(() => run(recorder, firstKey)));
        }

        return callers;
    }
}
