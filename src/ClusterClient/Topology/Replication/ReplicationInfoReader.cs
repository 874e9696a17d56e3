// Reads INFO replication and ROLE into a view.
using System.Collections.Immutable;
using System.Globalization;
using ClusterClient.Topology.Cluster;

namespace ClusterClient.Topology.Replication;

internal static class ReplicationInfoReader
{
    /// <summary>A view from the sections <c>server</c> and <c>replication</c> of INFO.</summary>
    public static ReplicationView Read(NodeEndpoint source, IReadOnlyDictionary<string, string> server, IReadOnlyDictionary<string, string> replication)
    {
        bool isMaster = !string.Equals(replication.GetValueOrDefault("role"), "slave", StringComparison.Ordinal) && !string.Equals(replication.GetValueOrDefault("role"), "replica", StringComparison.Ordinal);
        ImmutableArray<FollowerLine>.Builder followers = ImmutableArray.CreateBuilder<FollowerLine>();
        for (int i = 0; replication.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"slave{i}"), out string? line); i++)
        {
            if (ReadFollower(source, line) is { } follower) followers.Add(follower);
        }

        return new(source, isMaster)
        {
            RunId = Text(server, "run_id"),
            AvailabilityZone = Text(server, "availability_zone"),
            Master = isMaster ? null : Address(source, Text(replication, "master_host"), Text(replication, "master_port")),
            IsLinkUp = isMaster || string.Equals(replication.GetValueOrDefault("master_link_status"), "up", StringComparison.Ordinal),
            Offset = Number(replication, isMaster ? "master_repl_offset" : "slave_repl_offset"),
            ReplicationId = Text(replication, "master_replid"),
            PreviousReplicationId = Text(replication, "master_replid2"),
            Followers = followers.DrainToImmutable(),
        };
    }

    /// <summary>A view from ROLE, which tells less.</summary>
    public static ReplicationView Read(NodeEndpoint source, RoleReply role) => new(source, role.Role != NodeRole.Replica)
    {
        Master = role.Master is { } master ? Address(source, master.Host, master.Port.ToString(CultureInfo.InvariantCulture)) : null,
        IsLinkUp = role.Role != NodeRole.Replica || string.Equals(role.Link, "connected", StringComparison.Ordinal),
        Offset = role.Offset,
        Followers = [.. role.Replicas.Where(static replica => replica.Endpoint.Port > 0).Select(static replica => new FollowerLine(replica.Endpoint, replica.Offset, null))],
    };

    // ip=127.0.0.1,port=7001,state=online,offset=14,lag=0 — and, from Redis 8 on, more behind it.
    private static FollowerLine? ReadFollower(NodeEndpoint source, string line)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        foreach (string field in line.Split(','))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) fields[field[..equals]] = field[(equals + 1)..];
        }

        if (Address(source, Text(fields, "ip"), Text(fields, "port")) is not { } address) return null;
        long lag = Number(fields, "lag", missing: -1);
        return new(address, Number(fields, "offset"), lag < 0 ? null : TimeSpan.FromSeconds(lag));
    }

    private static NodeEndpoint? Address(NodeEndpoint source, string? host, string? port)
        => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= ushort.MaxValue && HostRules.Resolve(host, null, null, source) is { } resolved
            ? new(resolved, number)
            : null;

    private static string? Text(IReadOnlyDictionary<string, string> fields, string name) => fields.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    private static long Number(IReadOnlyDictionary<string, string> fields, string name, long missing = 0)
        => long.TryParse(fields.GetValueOrDefault(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : missing;
}
