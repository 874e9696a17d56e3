// How often each node has run the commands that freshness is about, and how long INFO took it: INFO commandstats.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal readonly record struct CommandTotals(double Gets, double Infos, double InfoMicroseconds)
{
    public static CommandTotals operator -(CommandTotals after, CommandTotals before) => new(
        after.Gets - before.Gets, after.Infos - before.Infos, after.InfoMicroseconds - before.InfoMicroseconds);
}

internal sealed class CommandStatistics : IAsyncDisposable
{
    private readonly List<AdminConnection> _connections = [];
    private readonly List<CommandTotals> _own = [];

    public static async Task<CommandStatistics> ConnectAsync(Target target, CancellationToken cancellationToken)
    {
        var statistics = new CommandStatistics();
        foreach (Node node in target.Masters.Concat(target.Replicas))
        {
            statistics._connections.Add(await AdminConnection.ConnectAsync(target, node, cancellationToken));
            statistics._own.Add(default);
        }

        return statistics;
    }

    /// <summary>The totals of each node, the master first, less what asking for them has cost.</summary>
    public async Task<IReadOnlyList<CommandTotals>> ReadAsync(CancellationToken cancellationToken)
    {
        List<CommandTotals> totals = [];
        for (int i = 0; i < _connections.Count; i++)
        {
            CommandTotals read = Parse(ServerStatistics.Fields(await _connections[i].ExecuteAsync("INFO commandstats", cancellationToken)));
            totals.Add(read - _own[i]);

            // What is asked now the next reading counts, at what INFO takes on average.
            double each = read.Infos > 0 ? read.InfoMicroseconds / read.Infos : 0;
            _own[i] = new CommandTotals(0, _own[i].Infos + 1, _own[i].InfoMicroseconds + each);
        }

        return totals;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AdminConnection connection in _connections) await connection.DisposeAsync();
    }

    private static CommandTotals Parse(Dictionary<string, string> statistics) => new(
        Part(statistics, "cmdstat_get", "calls="), Part(statistics, "cmdstat_info", "calls="), Part(statistics, "cmdstat_info", "usec="));

    /// <summary>A number of what is known of a command, <c>calls=12,usec=40,…</c>; 0 for one that was never run.</summary>
    private static double Part(Dictionary<string, string> statistics, string command, string name)
        => statistics.TryGetValue(command, out string? parts) && Array.Find(parts.Split(','), part => part.StartsWith(name, StringComparison.Ordinal)) is { } part
            ? double.Parse(part.AsSpan(name.Length), CultureInfo.InvariantCulture)
            : 0;
}
