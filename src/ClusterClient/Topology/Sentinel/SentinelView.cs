// What one Sentinel believes of the master it watches, its replicas, and its fellow Sentinels.
using System.Collections.Immutable;
using System.Globalization;

namespace ClusterClient.Topology.Sentinel;

/// <summary>A replica as a Sentinel sees it; addresses as announced.</summary>
/// <param name="Announced">Its address.</param>
/// <param name="Flags">What the Sentinel says of its health.</param>
/// <param name="IsLinkUp">Whether its link to its master is up.</param>
internal readonly record struct SentinelReplica(NodeEndpoint Announced, ClusterNodeFlags Flags, bool IsLinkUp);

/// <param name="Source">The Sentinel.</param>
/// <param name="Epoch">The configuration epoch of what it believes: the greater one knows more than any majority.</param>
/// <param name="Master">The master it names; as announced.</param>
/// <param name="Flags">What it says of that master's health.</param>
/// <param name="IsFailingOver">Whether it leads a failover at this moment.</param>
internal sealed record SentinelView(NodeEndpoint Source, long Epoch, NodeEndpoint Master, ClusterNodeFlags Flags, bool IsFailingOver)
{
    public ImmutableArray<SentinelReplica> Replicas { get; init; } = [];

    /// <summary>The other Sentinels it knows.</summary>
    public ImmutableArray<NamedSentinel> Sentinels { get; init; } = [];

    /// <summary>Its own id (SENTINEL MYID); empty where it does not tell.</summary>
    public string Id { get; init; } = string.Empty;

    /// <summary>Whether something is wrong with the master, or about to change.</summary>
    public bool IsTroubled => IsFailingOver || (Flags & (ClusterNodeFlags.SubjectivelyDown | ClusterNodeFlags.ObjectivelyDown)) != ClusterNodeFlags.None;

    /// <summary>Puts the answers to the four questions together.</summary>
    /// <param name="source">The Sentinel.</param>
    /// <param name="master">SENTINEL MASTER, asked before the address: the address is then never older than the epoch.</param>
    /// <param name="address">
    /// SENTINEL GET-MASTER-ADDR-BY-NAME. While it leads a failover, a Sentinel tells the new epoch and the old address in MASTER, and the new address here.
    /// </param>
    /// <param name="replicas">SENTINEL REPLICAS.</param>
    /// <param name="sentinels">SENTINEL SENTINELS.</param>
    public static SentinelView From(
        NodeEndpoint source, ImmutableDictionary<string, string> master, NodeEndpoint address,
        ImmutableArray<ImmutableDictionary<string, string>> replicas, ImmutableArray<ImmutableDictionary<string, string>> sentinels)
    {
        NodeEndpoint? named = AddressOf(master);
        long epoch = long.TryParse(master.GetValueOrDefault("config-epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
        bool isOfNamed = named == address;
        List<SentinelReplica> all = [.. replicas.Select(static entry => (Entry: entry, Address: AddressOf(entry))).Where(one => one.Address is { } at && at != address)
            .Select(static one => new SentinelReplica(one.Address!.Value, HealthOf(one.Entry), one.Entry.GetValueOrDefault("master-link-status") is "ok"))];

        // The one it is about to replace is a replica by now, in its own list still the master.
        if (!isOfNamed && named is { } old && all.TrueForAll(replica => replica.Announced != old)) all.Add(new(old, HealthOf(master) | ClusterNodeFlags.Failed, IsLinkUp: false));
        return new SentinelView(source, epoch, address, isOfNamed ? HealthOf(master) & ~ClusterNodeFlags.Failed : ClusterNodeFlags.None, Words(master).Contains("failover_in_progress"))
        {
            Replicas = [.. all],
            Sentinels = [.. sentinels.Select(static entry => (Entry: entry, Address: AddressOf(entry))).Where(static one => one.Address is not null)
                .Select(static one => new NamedSentinel(one.Address!.Value, one.Entry.GetValueOrDefault("runid", string.Empty)) { IsDown = HealthOf(one.Entry) != ClusterNodeFlags.None })],
        };
    }

    private static string[] Words(ImmutableDictionary<string, string> entry) => entry.GetValueOrDefault("flags", string.Empty).Split(',');

    private static ClusterNodeFlags HealthOf(ImmutableDictionary<string, string> entry)
    {
        string[] words = Words(entry);
        ClusterNodeFlags flags = ClusterNodeFlags.None;
        if (words.Contains("s_down")) flags |= ClusterNodeFlags.SubjectivelyDown | ClusterNodeFlags.Failed;
        if (words.Contains("o_down")) flags |= ClusterNodeFlags.ObjectivelyDown;
        if (words.Contains("disconnected")) flags |= ClusterNodeFlags.Failed;
        return flags;
    }

    private static NodeEndpoint? AddressOf(ImmutableDictionary<string, string> entry)
        => entry.GetValueOrDefault("ip") is { Length: > 0 } host && ushort.TryParse(entry.GetValueOrDefault("port"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? new NodeEndpoint(host, port)
            : null;
}
