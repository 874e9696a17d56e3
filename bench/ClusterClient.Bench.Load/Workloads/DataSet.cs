// The keys and values that a workload uses, and their preparation on the server.
using System.Globalization;
using System.Text;

namespace ClusterClient.Bench.Load;

/// <summary>Keys of one width, so that every command of a workload has the same length on the wire.</summary>
internal sealed class DataSet
{
    public const long Number = 1234567;

    private const int LargeBytes = 64 << 20;

    /// <summary>The most that servers take for one value.</summary>
    private const int HugeBytes = 512 << 20;

    private DataSet(string[] keys, byte[] value, bool isGrouped)
    {
        Keys = keys;
        Value = value;
        Groups = isGrouped ? [.. keys.Chunk(OperationTraits.ManyKeys)] : [];
    }

    /// <summary>The keys of single-key commands; the last one, past <see cref="Count"/>, may be <see cref="LargeKey"/>.</summary>
    public string[] Keys { get; private init; }

    /// <summary>The keys of each multi-key command.</summary>
    public string[][] Groups { get; }

    /// <summary>How many different commands there are.</summary>
    public int Count => Groups.Length > 0 ? Groups.Length : LargeKey ?? Keys.Length;

    /// <summary>Where in <see cref="Keys"/> the key of a very large value stands, if the workload has one.</summary>
    public int? LargeKey { get; private init; }

    private int LargeLength { get; init; }

    public byte[] Value { get; }

    public static DataSet For(Workload workload)
    {
        byte[] value = new byte[workload.ValueBytes];
        for (int i = 0; i < value.Length; i++) value[i] = (byte)('a' + (i % 26));
        if (workload.Operation == Operation.GetNumber) value = "1234567"u8.ToArray();

        string[] keys = [.. Enumerable.Range(0, workload.KeyCount).Select(i => KeyOf(workload.Operation, i))];
        return workload.Disturbance is Disturbance.LargeValue or Disturbance.HugeValueInBulk
            ? new DataSet(keys, value, isGrouped: false)
            {
                Keys = [.. keys, "bench:large"],
                LargeKey = keys.Length,
                LargeLength = workload.Disturbance == Disturbance.LargeValue ? LargeBytes : HugeBytes,
            }
            : new DataSet(keys, value, workload.Operation.IsMany);
    }

    /// <summary>Writes every key, so that reads find what they expect and counters are numbers.</summary>
    public async Task WriteAsync(Target target, Operation operation, CancellationToken cancellationToken)
    {
        byte[] value = operation == Operation.Increment ? "0"u8.ToArray() : Value;
        await using KeyOwners owners = await KeyOwners.ConnectAsync(target, cancellationToken);
        for (int i = 0; i < Keys.Length; i++)
        {
            AdminConnection owner = owners.ConnectionTo(await owners.OwnerOfAsync(Keys[i], cancellationToken));
            byte[] content = i == LargeKey ? new byte[LargeLength] : value;
            await owner.ExecuteAsync(["SET"u8.ToArray(), Encoding.ASCII.GetBytes(Keys[i]), content], cancellationToken);
        }

        // WAIT speaks of the writes of its own connection.
        if (target.Replicas.Count > 0)
            await owners.ConnectionTo(target.Masters[0]).ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"WAIT {target.Replicas.Count} 10000"), cancellationToken);
    }

    private static string KeyOf(Operation operation, int index) => operation switch
    {
        Operation.Increment => string.Create(CultureInfo.InvariantCulture, $"count:{index:D6}"),
        Operation.GetManyOneSlot => string.Create(CultureInfo.InvariantCulture, $"bench:{{{index / OperationTraits.ManyKeys}}}:{index:D6}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"bench:{index:D6}"),
    };
}
