// Asks one server for its place in replication, with whatever question it permits.
using System.Collections.Immutable;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using ClusterClient.Topology.Replies;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Topology.Replication;

/// <summary>INFO tells most; where an ACL denies it, ROLE tells who follows whom; where that is denied too, HELLO tells the role alone.</summary>
internal sealed class ReplicationAsker(ILogger logger)
{
    private int _hasWarned;

    /// <summary>A server's view.</summary>
    /// <exception cref="RedisException">It does not answer, or is of another kind of deployment.</exception>
    public async ValueTask<ReplicationView> AskAsync(NodeEndpoint node, INodeQuery query, CancellationToken cancellationToken)
    {
        try
        {
            // Pipelined. The two belong together, and one INFO of several sections is known from Redis 7 on only.
            Task<ImmutableDictionary<string, string>> server = InfoAsync(node, "server", query, cancellationToken);
            Task<ImmutableDictionary<string, string>> replication = InfoAsync(node, "replication", query, cancellationToken);
            await Task.WhenAll(server, replication).ConfigureAwait(false);
            ImmutableDictionary<string, string> told = await server.ConfigureAwait(false);
            CheckMode(node, told.GetValueOrDefault("redis_mode") ?? told.GetValueOrDefault("server_mode"));
            return ReplicationInfoReader.Read(node, told, await replication.ConfigureAwait(false));
        }
        catch (RedisServerException refusal) when (refusal.Code is "NOPERM" || refusal.ServerMessage.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            if (Interlocked.Exchange(ref _hasWarned, 1) == 0) Log.ReplicationDegraded(logger, node, refusal.ServerMessage);
        }

        try
        {
            return ReplicationInfoReader.Read(node, await query.QueryAsync(node, new Command(TopologyCommands.Role), RoleParser.Instance, cancellationToken).ConfigureAwait(false));
        }
        catch (RedisServerException refusal) when (refusal.Code is "NOPERM" || refusal.ServerMessage.Contains("unknown command", StringComparison.OrdinalIgnoreCase))
        {
            return await AskHelloAsync(node, query, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<ImmutableDictionary<string, string>> InfoAsync(NodeEndpoint node, string section, INodeQuery query, CancellationToken cancellationToken)
        => query.QueryAsync(node, new Command(TopologyCommands.Info, section), InfoParser.Instance, cancellationToken).AsTask();

    private static async ValueTask<ReplicationView> AskHelloAsync(NodeEndpoint node, INodeQuery query, CancellationToken cancellationToken)
    {
        try
        {
            HelloReply hello = await query.QueryAsync(node, new Command(TopologyCommands.Hello), HelloParser.Instance, cancellationToken).ConfigureAwait(false);
            CheckMode(node, hello.Mode);
            return new(node, hello.Role != NodeRole.Replica) { AvailabilityZone = hello.AvailabilityZone };
        }
        catch (RedisServerException)
        {
            // A server that does not know HELLO, or refuses it, answers all the same.
            return new(node, IsMaster: true);
        }
    }

    private static void CheckMode(NodeEndpoint node, string? mode)
    {
        if (mode is "cluster") throw WrongKind($"{node} is part of a cluster, and not of a master with replicas. Use topology=auto or topology=cluster.");
        if (mode is "sentinel") throw WrongKind($"{node} is a Sentinel, and not a data node. Give the address of a data node.");

        static RedisConnectionException WrongKind(string problem) => new(problem, ConnectionFailure.Protocol, Outcome.NotExecuted);
    }
}
