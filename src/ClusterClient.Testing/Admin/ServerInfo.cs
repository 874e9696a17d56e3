// Reads the text of INFO and CLUSTER INFO.
namespace ClusterClient.Testing.Admin;

internal static class ServerInfo
{
    /// <summary>The <c>name:value</c> lines by name.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                fields[line[..colon]] = line[(colon + 1)..].TrimEnd('\r');
        return fields;
    }

    /// <summary>How many replicas a master counts as online.</summary>
    public static int OnlineReplicas(this IReadOnlyDictionary<string, string> replication) =>
        replication.Count(IsOnlineReplica);

    public static bool HasOnlineReplica(this IReadOnlyDictionary<string, string> replication, string port) =>
        replication.Any(field => IsOnlineReplica(field) && field.Value.Contains($"port={port},", StringComparison.Ordinal));

    // slave0:ip=127.0.0.1,port=7001,state=online,offset=…
    private static bool IsOnlineReplica(KeyValuePair<string, string> field) =>
        field.Key.StartsWith("slave", StringComparison.Ordinal) && field.Value.Contains("state=online", StringComparison.Ordinal);
}
