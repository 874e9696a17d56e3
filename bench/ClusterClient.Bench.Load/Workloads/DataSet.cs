// The keys and values that a workload uses, and their preparation on the server.
using System.Globalization;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <summary>Keys of one width, so that every command of a workload has the same length on the wire.</summary>
internal sealed class DataSet
{
    public const long Number = 1234567;

    private DataSet(string[] keys, byte[] value)
    {
        Keys = keys;
        Value = value;
    }

    public string[] Keys { get; }

    public byte[] Value { get; }

    public static DataSet For(Workload workload)
    {
        byte[] value = new byte[workload.ValueBytes];
        for (int i = 0; i < value.Length; i++) value[i] = (byte)('a' + (i % 26));
        if (workload.Operation == Operation.GetNumber) value = "1234567"u8.ToArray();

        string prefix = workload.Operation == Operation.Increment ? "count" : "bench";
        string[] keys = new string[workload.KeyCount];
        for (int i = 0; i < keys.Length; i++) keys[i] = string.Create(CultureInfo.InvariantCulture, $"{prefix}:{i:D6}");
        return new DataSet(keys, value);
    }

    /// <summary>Writes every key, so that reads find what they expect and counters are numbers.</summary>
    public async Task WriteAsync(Target target, Operation operation, CancellationToken cancellationToken)
    {
        byte[] value = operation == Operation.Increment ? "0"u8.ToArray() : Value;
        await using KeyOwners owners = await KeyOwners.ConnectAsync(target, cancellationToken);
        foreach (string key in Keys)
        {
            AdminConnection owner = owners.ConnectionTo(await owners.OwnerOfAsync(key, cancellationToken));
            await owner.ExecuteAsync(["SET"u8.ToArray(), Encoding.ASCII.GetBytes(key), value], cancellationToken);
        }
    }
}
