// Starts sentinels that know the master, its replicas and each other from their first moment on.
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using ClusterClient.Testing.Admin;
using ClusterClient.Testing.Processes;
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing;

/// <summary>
/// Sentinels find each other through messages they publish every 2 s, and replicas through INFO. Written into the configuration in the form in which
/// a sentinel itself keeps that knowledge, it is there at once: so the ports must be known before any of them starts.
/// </summary>
internal static class SentinelCreation
{
    public static async Task StartAsync(TopologyHost host, LocalNode[] data, int count, CancellationToken cancellationToken)
    {
        var sentinels = await TopologyHost.OnFreePortsAsync(() => LaunchAsync(host, data, count, cancellationToken)).ConfigureAwait(false);
        await WaitUntilAcquaintedAsync(host, data, sentinels, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts one more, which finds the others by itself.</summary>
    /// <param name="host">Where.</param>
    /// <param name="data">The master, and the replicas that run.</param>
    /// <param name="others">The sentinels that run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<LocalNode> AddAsync(TopologyHost host, LocalNode[] data, LocalNode[] others, CancellationToken cancellationToken)
    {
        var added = await TopologyHost.OnFreePortsAsync(() =>
        {
            var port = PortReservation.Take();
            return host.StartNodeAsync(NodePurpose.Sentinel, port, Configuration(host.Options, data, NewId(), port.Port, others.Length + 1, []), cancellationToken);
        }).ConfigureAwait(false);
        await WaitUntilAcquaintedAsync(host, data, [.. others, added], cancellationToken).ConfigureAwait(false);
        return added;
    }

    private static Task WaitUntilAcquaintedAsync(TopologyHost host, LocalNode[] data, LocalNode[] sentinels, CancellationToken cancellationToken) =>
        Condition.WaitAsync("the sentinels to know each other and the replicas", host.Options.StartTimeout, async token =>
        {
            foreach (var sentinel in sentinels)
                if (await MissingAsync(sentinel, host.Options.ServiceName, data.Length - 1, sentinels.Length - 1, token).ConfigureAwait(false) is { } missing)
                    return $"{sentinel}: {missing}";
            return null;
        }, cancellationToken);

    private static async Task<LocalNode[]> LaunchAsync(TopologyHost host, LocalNode[] data, int count, CancellationToken cancellationToken)
    {
        var places = Enumerable.Range(0, count)
            .Select(_ => (Port: PortReservation.Take(), Id: NewId())).ToArray();
        var starts = places.Select(place => host.StartNodeAsync(
            NodePurpose.Sentinel, place.Port,
            Configuration(host.Options, data, place.Id, place.Port.Port, places.Length, places.Where(other => other != place)), cancellationToken)).ToArray();
        try
        {
            return await Task.WhenAll(starts).ConfigureAwait(false);
        }
        catch (PortTakenException)
        {
            // The others know the wrong port: all are started anew.
            foreach (var start in starts)
                if (start.IsCompletedSuccessfully)
                    await host.RemoveAsync(await start.ConfigureAwait(false)).ConfigureAwait(false);
            throw;
        }
    }

    private static List<string> Configuration(
        LocalTopologyOptions options, LocalNode[] data, string id, int port, int count, IEnumerable<(PortReservation Port, string Id)> others)
    {
        var name = options.ServiceName;
        var quorum = options.SentinelQuorum ?? count / 2 + 1;
        List<string> lines = [$"sentinel myid {id}"];
        if (options.Announce is not null)
        {
            var own = options.AnnouncedAt(port);
            if (!IPAddress.TryParse(own.Host, out _))
                lines.AddRange(["sentinel resolve-hostnames yes", "sentinel announce-hostnames yes"]);
            lines.AddRange([$"sentinel announce-ip {own.Host}", $"sentinel announce-port {Number(own.Port)}"]);
        }
        lines.AddRange([
            $"sentinel monitor {name} {Address(data[0].Port)} {Number(quorum)}",
            $"sentinel down-after-milliseconds {name} {Milliseconds(options.SentinelDownAfter)}",
            $"sentinel failover-timeout {name} {Milliseconds(options.SentinelFailoverTimeout)}"]);
        if (options.Password is { } password)
            lines.Add($"sentinel auth-pass {name} {password}");
        if (options.SentinelPassword is not "" && (options.SentinelPassword ?? options.Password) is { } ownPassword)
            lines.Add($"sentinel sentinel-pass {ownPassword}");
        lines.AddRange(data.Skip(1).Select(replica => $"sentinel known-replica {name} {Address(replica.Port)}"));
        lines.AddRange(others.Select(other => $"sentinel known-sentinel {name} {Address(other.Port.Port)} {other.Id}"));
        return lines;

        string Address(int of)
        {
            var (host, announced) = options.AnnouncedAt(of);
            return $"{host} {Number(announced)}";
        }
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    private static async Task<string?> MissingAsync(LocalNode sentinel, string name, int replicas, int others, CancellationToken cancellationToken)
    {
        var connection = await AdminConnection.OpenAsync(sentinel.Access, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var master = Fields(await connection.ExecuteAsync(["SENTINEL", "MASTER", name], cancellationToken).ConfigureAwait(false));
            if (master["flags"] is not "master")
                return $"the master's flags are '{master["flags"]}'";
            var peers = (await connection.ExecuteAsync(["SENTINEL", "SENTINELS", name], cancellationToken).ConfigureAwait(false)).Items.Select(Fields).ToArray();
            if (peers.Count(peer => peer["flags"] is "sentinel") != others)
                return $"it reaches {peers.Count(peer => peer["flags"] is "sentinel")} of {others} other sentinels";
            var known = (await connection.ExecuteAsync(["SENTINEL", "REPLICAS", name], cancellationToken).ConfigureAwait(false)).Items.Select(Fields).ToArray();
            var linked = known.Count(replica => replica["flags"] is "slave" && replica["master-link-status"] is "ok");
            return linked == replicas ? null : $"it sees {linked} of {replicas} replicas linked to the master";
        }
    }

    private static Dictionary<string, string> Fields(AdminReply reply)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < reply.Items.Count; i += 2)
            fields[reply.Items[i].Text] = reply.Items[i + 1].Text;
        return fields;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
}
