// The members that one view shows: CLUSTER SLOTS gives the addresses, CLUSTER NODES everything else and who SLOTS hides.
namespace ClusterClient.Topology.Cluster;

internal sealed class ViewMembers
{
    private readonly ClusterView _view;
    private readonly Dictionary<string, ClusterNodesEntry> _lines;
    private readonly Dictionary<string, ViewMember> _byKey = new(StringComparer.Ordinal);
    private readonly List<(SlotRange Slots, ViewMember Owner)> _owned = [];

    /// <summary>Reads a view. Nodes in handshake are left out, their ids being provisional, and so are those without an address.</summary>
    public ViewMembers(ClusterView view)
    {
        _view = view;
        _lines = view.Nodes.DistinctBy(static line => line.Id, StringComparer.Ordinal).ToDictionary(static line => line.Id, StringComparer.Ordinal);
        foreach (ClusterSlotsEntry entry in view.Slots)
        {
            ViewMember master = FromSlots(entry.Master, master: null);
            _owned.Add((entry.Slots, master));
            foreach (ClusterSlotsNode replica in entry.Replicas) FromSlots(replica, master);
        }

        HiddenHost hiddenHost = FindHiddenHost();
        foreach (ClusterNodesEntry line in view.Nodes)
        {
            bool isMember = (line.Flags & (ClusterNodeFlags.Handshake | ClusterNodeFlags.NoAddress)) == ClusterNodeFlags.None;
            if (isMember && !_byKey.ContainsKey(line.Id)) _byKey.Add(line.Id, FromLine(line, hiddenHost));
        }

        Myself = _byKey.Values.FirstOrDefault(static member => member.IsMyself);
    }

    public ClusterView View => _view;

    public IReadOnlyDictionary<string, ViewMember> ByKey => _byKey;

    /// <summary>The slots of the view with their owners.</summary>
    public IReadOnlyList<(SlotRange Slots, ViewMember Owner)> Owned => _owned;

    /// <summary>The member that answered; null when the view does not tell.</summary>
    public ViewMember? Myself { get; }

    private ViewMember FromSlots(ClusterSlotsNode node, ViewMember? master)
    {
        ClusterNodesEntry? line = LineOf(node);
        string? host = HostRules.Resolve(node.Host, node.Ip, line?.Host, _view.Source);
        int port = PortOf(node.Port, line);
        string? id = node.Id ?? line?.Id;
        string key = id ?? new NodeEndpoint(host ?? HostRules.UnknownHost, port).ToString();
        if (_byKey.TryGetValue(key, out ViewMember? known)) return known;
        var member = new ViewMember
        {
            Key = key,
            Id = id,
            Announced = host is null || port == 0 ? null : new(host, port),
            IsHostBorrowed = HostRules.MeansWhoAnswered(node.Host),
            Role = master is null ? NodeRole.Master : NodeRole.Replica,
            MasterId = master?.Id,
            AvailabilityZone = HostRules.Known(node.AvailabilityZone),
            Hostname = HostRules.Known(node.Hostname),
            Ip = HostRules.Known(node.Ip),
        };
        if (line is not null) member = WithLine(member, line);
        _byKey.Add(key, member);
        return member;
    }

    private ViewMember FromLine(ClusterNodesEntry line, HiddenHost hiddenHost)
    {
        string? announced = hiddenHost switch
        {
            HiddenHost.Hostname => line.Hostname ?? line.Host,
            HiddenHost.WhoAnswered => null,
            _ => line.Host,
        };
        string? host = HostRules.Resolve(announced, null, null, _view.Source);
        int port = PortOf(0, line);
        return WithLine(
            new ViewMember
            {
                Key = line.Id,
                Id = line.Id,
                Announced = host is null || port == 0 ? null : new(host, port),
                IsHostBorrowed = HostRules.MeansWhoAnswered(announced),
            },
            line);
    }

    private static ViewMember WithLine(ViewMember member, ClusterNodesEntry line) => member with
    {
        // CLUSTER NODES was asked later than CLUSTER SLOTS, so its word on the role is the newer one.
        Role = (line.Flags & ClusterNodeFlags.Replica) != ClusterNodeFlags.None ? NodeRole.Replica : NodeRole.Master,
        MasterId = line.MasterId,
        Epoch = line.ConfigEpoch,
        IsMyself = line.IsMyself,
        IsLinkUp = line.IsLinkUp,
        Flags = line.Flags & ~ClusterNodeFlags.Myself,
        Hostname = HostRules.Known(line.Hostname) ?? member.Hostname,
        Ip = HostRules.Known(line.Host) ?? member.Ip,
    };

    private ClusterNodesEntry? LineOf(ClusterSlotsNode node) => node.Id is not null
        ? _lines.GetValueOrDefault(node.Id)
        : _lines.Values.FirstOrDefault(line => line.Port == node.Port && string.Equals(line.Host, node.Host, StringComparison.Ordinal));

    // Port 0: the node has no port of the kind (TLS or not) this question came over, or an old server does not know it.
    private int PortOf(int port, ClusterNodesEntry? line)
    {
        if (port != 0 || line is null) return port;
        if (line.Port != 0) return line.Port;
        return line.IsMyself && !_view.Source.IsUnixSocket ? _view.Source.Port : 0;
    }

    // SLOTS names preferred addresses, NODES only ips and host names: nodes that SLOTS hides are named the way it names the others.
    private HiddenHost FindHiddenHost()
    {
        foreach (ClusterSlotsNode node in _view.Slots.SelectMany(static entry => entry.Replicas.Prepend(entry.Master)))
        {
            if (node.Host is null) return HiddenHost.WhoAnswered;
            if (LineOf(node) is { Hostname: { } hostname } line && string.Equals(node.Host, hostname, StringComparison.Ordinal)
                && !string.Equals(hostname, line.Host, StringComparison.Ordinal))
            {
                return HiddenHost.Hostname;
            }
        }

        return HiddenHost.Ip;
    }

    private enum HiddenHost
    {
        Ip,
        Hostname,
        WhoAnswered,
    }
}
