// From the words of the command line to values; bad ones are named.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal static class OptionText
{
    private static readonly Dictionary<string, Operation> _operations = new()
    {
        ["get"] = Operation.Get,
        ["get-lease"] = Operation.GetLease,
        ["get-number"] = Operation.GetNumber,
        ["get-replica"] = Operation.GetFromReplicas,
        ["set"] = Operation.Set,
        ["incr"] = Operation.Increment,
        ["mixed"] = Operation.Mixed,
        ["mget"] = Operation.GetMany,
        ["mget-slot"] = Operation.GetManyOneSlot,
        ["fan-out"] = Operation.FanOut,
    };

    private static readonly Dictionary<string, TopologyKind> _topologies = new()
    {
        ["standalone"] = TopologyKind.Standalone,
        ["tls"] = TopologyKind.Tls,
        ["cluster"] = TopologyKind.Cluster,
        ["replicas"] = TopologyKind.Replicas,
    };

    public static string OperationNames => string.Join(", ", _operations.Keys);

    public static Operation[] Operations(string list) => [.. Split(list).Select(name => Named(_operations, name, "--operations"))];

    public static TopologyKind[] Topologies(string list) => [.. Split(list).Select(name => Named(_topologies, name, "--topology"))];

    public static Node[] Nodes(string? list) => [.. Split(list).Select(ParseNode)];

    public static int[] Numbers(string list, string option) => [.. Split(list).Select(text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new ArgumentException($"{option}: '{text}' is not a positive whole number."))];

    public static T AtLeast<T>(T value, T least, string option) where T : IComparable<T> =>
        value.CompareTo(least) >= 0 ? value : throw new ArgumentException($"{option} must be at least {least}.");

    public static string[] Split(string? list) =>
        list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static T Named<T>(Dictionary<string, T> known, string name, string option) => known.TryGetValue(name, out T? value)
        ? value
        : throw new ArgumentException($"{option}: unknown '{name}'. Known: {string.Join(", ", known.Keys)}.");

    private static Node ParseNode(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out ushort port) && port > 0)
            return new Node(text[..colon], port);

        throw new ArgumentException($"--connect: '{text}' is not host:port.");
    }
}
