// The loops of callers that wait for their replies: one command after the other, several at once, or reads mixed with writes.
namespace ClusterClient.Bench.Load;

internal static class ClosedLoops
{
    public static async Task AwaitEachAsync<T, TOperation>(TOperation operation, int keys, int key, CallerRecorder recorder)
        where TOperation : struct, IOperation<T>
    {
        while (!recorder.Stopped)
        {
            long start = recorder.Start();
            T reply = await operation.Start(key);
            if (!operation.Finish(reply)) throw WrongReply(key);
            recorder.Complete(start);
            if (++key == keys) key = 0;
        }
    }

    public static async Task AwaitBatchesAsync<T, TOperation>(TOperation operation, int keys, int key, CallerRecorder recorder, int depth)
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
                pending[i] = operation.Start(key);
                if (++key == keys) key = 0;
            }

            for (int i = 0; i < depth; i++)
            {
                if (!operation.Finish(await pending[i])) throw WrongReply((key + keys - depth + i) % keys);
                recorder.Complete(starts[i]);
            }
        }
#pragma warning restore CA2012
    }

    public static async Task AwaitMixedAsync<TRead, TReading, TWritten, TWriting>(
        TReading reading, TWriting writing, int keys, int key, CallerRecorder recorder)
        where TReading : struct, IOperation<TRead>
        where TWriting : struct, IOperation<TWritten>
    {
        // Callers begin at different keys, so their writes do not come all at once.
        for (int turn = key; !recorder.Stopped; turn++)
        {
            long start = recorder.Start();
            bool isRight = turn % OperationTraits.WriteEvery == 0 ? writing.Finish(await writing.Start(key)) : reading.Finish(await reading.Start(key));
            if (!isRight) throw WrongReply(key);
            recorder.Complete(start);
            if (++key == keys) key = 0;
        }
    }

    public static InvalidDataException WrongReply(int key) => new($"The reply for key number {key} is not what was stored there.");
}
