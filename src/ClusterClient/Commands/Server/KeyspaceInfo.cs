// One database in INFO's keyspace section: "db0:keys=2,expires=1,avg_ttl=0".
using System.Globalization;
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>What a database holds.</summary>
/// <param name="Keys">How many keys.</param>
/// <param name="Expires">How many of them expire.</param>
public readonly record struct KeyspaceInfo(long Keys, long Expires)
{
    internal static Dictionary<int, KeyspaceInfo> Read(IReadOnlyDictionary<string, string> fields)
    {
        var databases = new Dictionary<int, KeyspaceInfo>();
        foreach ((string name, string value) in fields)
        {
            if (!name.StartsWith("db", StringComparison.Ordinal)
                || !int.TryParse(name.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int index)) continue;
            databases[index] = new KeyspaceInfo(Number(value, "keys=") ?? 0, Number(value, "expires=") ?? 0);
        }

        return databases;
    }

    private static long? Number(string value, string name)
    {
        string? field = Array.Find(value.Split(','), part => part.StartsWith(name, StringComparison.Ordinal));
        return InfoText.ToInt64(field?[name.Length..]);
    }
}
