// Starts sentinels that know the master, its replicas and each other from their first moment on.
using System.Globalization;
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
        await Condition.WaitAsync("the sentinels to know each other and the replicas", host.Options.StartTimeout, async token =>
        {
            foreach (var sentinel in sentinels)
                if (await MissingAsync(sentinel, host.Options.ServiceName, data.Length - 1, count - 1, token).ConfigureAwait(false) is { } missing)
                    return $"{sentinel}: {missing}";
            return null;
        }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<LocalNode[]> LaunchAsync(TopologyHost host, LocalNode[] data, int count, CancellationToken cancellationToken)
    {
        var places = Enumerable.Range(0, count)
            .Select(_ => (Port: PortReservation.Take(), Id: Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)))).ToArray();
        var starts = places.Select(place => host.StartNodeAsync(
            NodePurpose.Sentinel, place.Port, Configuration(host.Options, data, place.Id, places), cancellationToken)).ToArray();
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
        LocalTopologyOptions options, LocalNode[] data, string id, (PortReservation Port, string Id)[] all)
    {
        var name = options.ServiceName;
        var master = data[0];
        var quorum = options.SentinelQuorum ?? all.Length / 2 + 1;
        List<string> lines = [
            $"sentinel myid {id}",
            $"sentinel monitor {name} {master.Host} {master.Settings.PortText} {quorum.ToString(CultureInfo.InvariantCulture)}",
            $"sentinel down-after-milliseconds {name} {Milliseconds(options.SentinelDownAfter)}",
            $"sentinel failover-timeout {name} {Milliseconds(options.SentinelFailoverTimeout)}"];
        if (options.Password is { } password)
            lines.Add($"sentinel auth-pass {name} {password}");
        if (options.SentinelPassword is not "" && (options.SentinelPassword ?? options.Password) is { } own)
            lines.Add($"sentinel sentinel-pass {own}");
        lines.AddRange(data.Skip(1).Select(replica => $"sentinel known-replica {name} {replica.Host} {replica.Settings.PortText}"));
        lines.AddRange(all.Where(other => !string.Equals(other.Id, id, StringComparison.Ordinal))
            .Select(other => $"sentinel known-sentinel {name} {master.Host} {other.Port.Port.ToString(CultureInfo.InvariantCulture)} {other.Id}"));
        return lines;
    }

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

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
}
