// Makes one exception of every node's reason for not telling the topology.
namespace ClusterClient.Topology;

internal static class TopologyFailure
{
    /// <summary>Stands for the node's name; no message holds it.</summary>
    private const string Placeholder = "\0";

    private const int MostNames = 6;

    // What a person has to mend comes before what may pass by itself.
    private static readonly ConnectionFailure[] _mostTellingFirst =
    [
        ConnectionFailure.Disposed, ConnectionFailure.Authentication, ConnectionFailure.Permission, ConnectionFailure.Database, ConnectionFailure.Tls,
        ConnectionFailure.Protocol, ConnectionFailure.Unreachable, ConnectionFailure.TimedOut, ConnectionFailure.Hung, ConnectionFailure.Refused, ConnectionFailure.Superseded, ConnectionFailure.Lost,
    ];

    /// <summary>Names every node with its cause.</summary>
    /// <param name="what">What could not be done, as the beginning of a sentence.</param>
    /// <param name="failures">Why each node did not help; empty when there was nobody to ask.</param>
    /// <param name="advice">What to do, or empty.</param>
    public static RedisConnectionException From(string what, IReadOnlyCollection<FailedQuery> failures, string advice = "")
    {
        if (failures.Count == 0) return new($"{what}: there is no node to ask.", ConnectionFailure.Unreachable, Outcome.NotExecuted);
        string causes = string.Join("; ", failures.GroupBy(CauseOf, StringComparer.Ordinal).Select(Describe));
        ConnectionFailure kind = failures.Select(static failure => KindOf(failure.Error)).MinBy(static kind => Array.IndexOf(_mostTellingFirst, kind));
        Exception inner = failures.Count == 1 ? failures.First().Error : new AggregateException(failures.Select(static failure => failure.Error));
        return new($"{what}: {causes}{(advice.Length > 0 ? $" {advice}" : string.Empty)}", kind, Outcome.NotExecuted, inner) { Node = failures.First().Node.ToString() };
    }

    /// <summary>The words without the node's name: what several nodes have in common is said once.</summary>
    private static string CauseOf(FailedQuery failure)
        => failure.Error.Message.Contains(failure.Node.ToString(), StringComparison.Ordinal)
            ? failure.Error.Message.Replace(failure.Node.ToString(), Placeholder, StringComparison.Ordinal)
            : $"{Placeholder}: {failure.Error.Message}";

    private static string Describe(IGrouping<string, FailedQuery> alike)
    {
        NodeEndpoint[] nodes = [.. alike.Select(static failure => failure.Node)];

        // Seeds, which the user knows, are asked last.
        string names = nodes.Length <= MostNames
            ? string.Join(", ", nodes)
            : $"{string.Join(", ", nodes.Take(MostNames / 2))}, {nodes.Length - MostNames} others, {string.Join(", ", nodes.TakeLast(MostNames / 2))}";
        int first = alike.Key.IndexOf(Placeholder, StringComparison.Ordinal);
        return $"{alike.Key[..first]}{names}{alike.Key[(first + 1)..].Replace(Placeholder, nodes.Length == 1 ? names : "it", StringComparison.Ordinal)}";
    }

    private static ConnectionFailure KindOf(Exception error) => error switch
    {
        RedisConnectionException connection => connection.Failure,
        RedisServerException { Code: "NOPERM" } => ConnectionFailure.Permission,
        RedisServerException { Code: "NOAUTH" or "WRONGPASS" } => ConnectionFailure.Authentication,
        RedisServerException or RedisProtocolException or UnexpectedReplyException => ConnectionFailure.Protocol,
        TimeoutException or RedisTimeoutException or OperationCanceledException => ConnectionFailure.TimedOut,
        _ => ConnectionFailure.Unreachable,
    };
}
