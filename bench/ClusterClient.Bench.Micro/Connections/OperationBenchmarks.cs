// The pooled object behind a call: rented and returned, and through a whole life without a network.
using BenchmarkDotNet.Attributes;
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.Bench.Micro;

public class OperationBenchmarks
{
    private const int Depth = 1000;

    private readonly Operation<long>[] _rented = new Operation<long>[Depth];
    private readonly Command _command = new(CommandTable.Get("INCR"), "count:1");
    private readonly byte[] _reply = ":1\r\n"u8.ToArray();

    [Benchmark(Description = "rent and return")]
    public void Single()
    {
        _rented[0] = OperationPool<long>.Rent();
        OperationPool<long>.Return(_rented[0]);
    }

    // More than a thread keeps, so that it trades with the store that all threads share.
    [Benchmark(Description = "rent and return 1000 at once", OperationsPerInvoke = Depth)]
    public void Many()
    {
        for (int i = 0; i < _rented.Length; i++) _rented[i] = OperationPool<long>.Rent();
        foreach (Operation<long> operation in _rented) OperationPool<long>.Return(operation);
    }

    [Benchmark(Description = "begin, append, reply, result")]
    public long Life()
    {
        Operation<long> operation = Operation<long>.Begin(_command, Replies.Int64, ControlOwner.Instance, 5000);
        ValueTask<long> task = operation.Task;
        operation.MarkAppended(out _);
        if (!operation.TryClaimForReply()) throw new InvalidOperationException("Nobody gave this call up.");
        operation.Deliver(_reply, buffer: null);
        return task.GetAwaiter().GetResult();
    }
}
