// The contenders that this build has: each optional one announces itself from a folder that the project file includes or not.
namespace ClusterClient.Bench.Load;

internal static class ContenderCatalog
{
    // In the order in which tables and charts show them.
    private static readonly string[] _order = ["raw", "cluster-client", "se", "garnet-client", "redis-benchmark"];

    private static readonly Dictionary<string, IContender> _known = [];

    public static IReadOnlyList<string> AllNames => _order;

    public static IReadOnlyList<IContender> Available => [.. _order.Where(_known.ContainsKey).Select(name => _known[name])];

    /// <summary>What a contender is called in a chart, where there is room.</summary>
    public static string TitleOf(string name) => name switch
    {
        "raw" => "raw socket (floor)",
        "cluster-client" => "ClusterClient",
        "se" => "StackExchange.Redis",
        "garnet-client" => "GarnetClient",
        _ => name,
    };

    public static void Add(IContender contender) => _known[contender.Name] = contender;

    /// <summary>The contenders named, in the table's order.</summary>
    /// <exception cref="ArgumentException">A name that is unknown, or that this build does not have.</exception>
    public static IReadOnlyList<IContender> Select(IReadOnlyCollection<string> names)
    {
        foreach (string name in names)
        {
            if (!_order.Contains(name)) throw new ArgumentException($"Unknown client '{name}'. Known: {string.Join(", ", _order)}.");
            if (!_known.ContainsKey(name)) throw new ArgumentException($"Client '{name}' is not available here: {Remedy(name)}");
        }

        return [.. Available.Where(contender => names.Contains(contender.Name))];
    }

    private static string Remedy(string name) => name switch
    {
        "se" => "build with -p:StackExchangeRedis=package, or -p:StackExchangeRedis=FOLDER where the folder holds StackExchange.Redis.dll.",
        "garnet-client" => "build with -p:GarnetClient=FOLDER where the folder holds Garnet.client.dll (the garnet-server tool's package has it).",
        "redis-benchmark" => "put redis-benchmark on PATH, or give --redis-benchmark PATH.",
        _ => "this build does not contain it.",
    };
}
