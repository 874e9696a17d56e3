// Asks a server what kind of deployment it is part of (topology=auto).
using System.Collections.Immutable;
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;

namespace ClusterClient.Topology;

/// <summary>
/// HELLO tells the mode and needs no permission; servers before 6.2 tell it in INFO; where an ACL denies that, CLUSTER SLOTS answers or says that cluster
/// support is disabled.
/// </summary>
internal static class TopologyProbe
{
    /// <summary>What a server says it is.</summary>
    /// <exception cref="RedisException">It does not answer, or permits none of the three questions.</exception>
    public static async ValueTask<TopologyKind> IdentifyAsync(NodeEndpoint node, INodeQuery query, CancellationToken cancellationToken)
    {
        var refusals = new List<RedisServerException>();
        if (await AskHelloAsync(node, query, refusals, cancellationToken).ConfigureAwait(false) is { } told) return told;
        if (await AskInfoAsync(node, query, refusals, cancellationToken).ConfigureAwait(false) is { } written) return written;
        return await AskSlotsAsync(node, query, refusals, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a server refused CLUSTER commands because it is not part of a cluster.</summary>
    public static bool IsClusterDisabled(Exception error) =>
        error is RedisServerException refusal && refusal.ServerMessage.Contains("cluster support disabled", StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<TopologyKind?> AskHelloAsync(NodeEndpoint node, INodeQuery query, List<RedisServerException> refusals, CancellationToken cancellationToken)
    {
        try
        {
            HelloReply hello = await query.QueryAsync(node, new Command(TopologyCommands.Hello), HelloParser.Instance, cancellationToken).ConfigureAwait(false);
            return KindOf(hello.Mode);
        }
        catch (RedisServerException refusal)
        {
            refusals.Add(refusal);
            return null;
        }
    }

    private static async ValueTask<TopologyKind?> AskInfoAsync(NodeEndpoint node, INodeQuery query, List<RedisServerException> refusals, CancellationToken cancellationToken)
    {
        try
        {
            ImmutableDictionary<string, string> info = await query.QueryAsync(node, new Command(TopologyCommands.Info), InfoParser.Instance, cancellationToken).ConfigureAwait(false);

            // Valkey 9 calls it server_mode.
            if ((info.GetValueOrDefault("redis_mode") ?? info.GetValueOrDefault("server_mode")) is { } mode && KindOf(mode) is { } kind) return kind;
            return info.GetValueOrDefault("cluster_enabled") switch
            {
                "1" => TopologyKind.Cluster,
                "0" => TopologyKind.Standalone,
                _ => null,
            };
        }
        catch (RedisServerException refusal)
        {
            refusals.Add(refusal);
            return null;
        }
    }

    private static async ValueTask<TopologyKind> AskSlotsAsync(NodeEndpoint node, INodeQuery query, List<RedisServerException> refusals, CancellationToken cancellationToken)
    {
        try
        {
            await query.QueryAsync(node, new Command(TopologyCommands.ClusterSlots), ClusterSlotsParser.Instance, cancellationToken).ConfigureAwait(false);
            return TopologyKind.Cluster;
        }
        catch (RedisServerException refusal) when (IsClusterDisabled(refusal) || refusal.ServerMessage.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            return TopologyKind.Standalone;
        }
        catch (RedisServerException refusal)
        {
            refusals.Add(refusal);
            throw new RedisServerException(
                refusal.ServerMessage,
                $"{node} does not tell what it is: HELLO, INFO and CLUSTER SLOTS were refused ({string.Join("; ", refusals.Select(static one => one.ServerMessage))}). " +
                "Permit one of them (+cluster|slots), or say topology=cluster or topology=standalone",
                Outcome.Rejected)
            { Node = node.ToString(), CommandName = TopologyCommands.ClusterSlots.Name };
        }
    }

    private static TopologyKind? KindOf(string mode) => mode switch
    {
        "cluster" => TopologyKind.Cluster,
        "standalone" => TopologyKind.Standalone,
        "sentinel" => TopologyKind.Sentinel,
        _ => null,
    };
}
