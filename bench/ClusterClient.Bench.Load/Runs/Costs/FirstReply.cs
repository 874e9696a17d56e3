// A client that has just had its first reply.
namespace ClusterClient.Bench.Load;

internal static class FirstReply
{
    private static readonly Workload _one = new(Operation.Increment, ValueBytes: 32, Callers: 1);
    private static readonly DataSet _data = DataSet.For(_one);

    public static async Task<ILoadClient> ConnectAndReadAsync(InProcessContender contender, Target target, CancellationToken cancellationToken)
    {
        ILoadClient client = await contender.ConnectAsync(target, cancellationToken);
        try
        {
            var window = new RunWindow(timeEvery: 1);
            Task caller = client.RunAsync(_one, _data, window);
            // Looked for without pause: a timer's millisecond would be much of what is measured.
            while (window.Completed == 0 && !caller.IsCompleted) await Task.Yield();
            window.Stop();
            await caller;
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }
}
