// What the servers count themselves: read and write events, connections and CPU time, from INFO.
using System.Globalization;

namespace ClusterClient.Bench.Load;

/// <summary>Sums over all nodes; null where a server does not tell (Garnet).</summary>
internal readonly record struct ServerTotals(double? Reads, double? Writes, double? Connections, TimeSpan? Cpu)
{
    public static ServerTotals operator -(ServerTotals after, ServerTotals before) => new(
        after.Reads - before.Reads, after.Writes - before.Writes, after.Connections - before.Connections, after.Cpu - before.Cpu);
}

internal sealed class ServerStatistics : IAsyncDisposable
{
    private readonly List<AdminConnection> _connections = [];

    private ServerStatistics()
    {
    }

    public static async Task<ServerStatistics> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var statistics = new ServerStatistics();
        foreach (Node node in target.Masters.Concat(target.Replicas))
            statistics._connections.Add(await AdminConnection.ConnectAsync(target, node, cancellationToken));

        return statistics;
    }

    public async Task<ServerTotals> ReadAsync(CancellationToken cancellationToken)
    {
        var sum = new ServerTotals(0, 0, 0, TimeSpan.Zero);
        foreach (AdminConnection connection in _connections)
        {
            Dictionary<string, string> fields = Fields(await connection.ExecuteAsync("INFO", cancellationToken));
            TimeSpan? cpu = Number(fields, "used_cpu_sys") + Number(fields, "used_cpu_user") is double seconds ? TimeSpan.FromSeconds(seconds) : null;
            sum = new ServerTotals(
                sum.Reads + Number(fields, "total_reads_processed"),
                sum.Writes + Number(fields, "total_writes_processed"),
                sum.Connections + Number(fields, "connected_clients"),
                sum.Cpu + cpu);
        }

        return sum;
    }

    /// <summary>The server's name and version, such as <c>redis 7.0.15</c>.</summary>
    public static async Task<string> VersionAsync(AdminConnection connection, CancellationToken cancellationToken)
    {
        Dictionary<string, string> fields = Fields(await connection.ExecuteAsync("INFO", cancellationToken));
        foreach (string kind in (string[])["valkey", "garnet", "redis"])
        {
            if (fields.TryGetValue(kind + "_version", out string? version)) return $"{kind} {version}";
        }

        return "unknown server";
    }

    /// <summary>The fields of INFO by name.</summary>
    public static Dictionary<string, string> Fields(object? info)
    {
        var fields = new Dictionary<string, string>();
        foreach (string line in ((string)info!).Split("\r\n"))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) fields[line[..colon]] = line[(colon + 1)..];
        }

        return fields;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AdminConnection connection in _connections) await connection.DisposeAsync();
    }

    private static double? Number(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out string? text) && double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number : null;
}
