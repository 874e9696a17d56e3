// The loops of the callers: await one command after the other, or send several and then await them.
namespace ClusterClient.Bench.Load;

internal static class Callers
{
    public static Task RunAsync<T, TOperation>(TOperation operation, Workload workload, DataSet data, RunWindow window)
        where TOperation : struct, IOperation<T>
    {
        var callers = new Task[workload.Callers];
        for (int i = 0; i < callers.Length; i++)
        {
            CallerRecorder recorder = window.AddRecorder();
            int firstKey = i % data.Keys.Length;
            callers[i] = workload.Depth == 1
                ? Task.Run(() => AwaitEachAsync<T, TOperation>(operation, data.Keys, firstKey, recorder))
                : Task.Run(() => AwaitBatchesAsync<T, TOperation>(operation, data.Keys, firstKey, recorder, workload.Depth));
        }

        return Task.WhenAll(callers);
    }

    private static async Task AwaitEachAsync<T, TOperation>(TOperation operation, string[] keys, int key, CallerRecorder recorder)
        where TOperation : struct, IOperation<T>
    {
        while (!recorder.Stopped)
        {
            long start = recorder.Start();
            T reply = await operation.Start(keys[key]);
            if (!operation.Finish(reply)) throw WrongReply(keys[key]);
            recorder.Complete(start);
            if (++key == keys.Length) key = 0;
        }
    }

    private static async Task AwaitBatchesAsync<T, TOperation>(
        TOperation operation, string[] keys, int key, CallerRecorder recorder, int depth)
        where TOperation : struct, IOperation<T>
    {
#pragma warning disable CA2012 // Each ValueTask of a batch is awaited exactly once, in order.
        var pending = new ValueTask<T>[depth];
        long[] starts = new long[depth];
        while (!recorder.Stopped)
        {
            for (int i = 0; i < depth; i++)
            {
                starts[i] = recorder.Start();
                pending[i] = operation.Start(keys[key]);
                if (++key == keys.Length) key = 0;
            }

            for (int i = 0; i < depth; i++)
            {
                if (!operation.Finish(await pending[i])) throw WrongReply("(in a batch)");
                recorder.Complete(starts[i]);
            }
        }
#pragma warning restore CA2012
    }

    private static InvalidDataException WrongReply(string key) => new($"The reply for key {key} is not what was stored there.");
}
