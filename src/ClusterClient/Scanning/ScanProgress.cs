// What a run knows of its slots: covered, walked but not confirmed, being walked, open.
namespace ClusterClient.Scanning;

/// <summary>The bookkeeping of a <see cref="ScanRun"/>, without I/O and clock.</summary>
internal sealed class ScanProgress(ScanState start, SlotSet required)
{
    private readonly Dictionary<string, ScanPass> _aside = start.Pass is { } begun ? new(StringComparer.Ordinal) { [begun.Member] = begun } : new(StringComparer.Ordinal);
    private readonly List<(TopologyNode Node, SlotSet Slots)> _unconfirmed = [];
    private ScanPass? _lastAside = start.Pass;
    private SlotSet _covered = start.Covered;
    private SlotSet _walked = SlotSet.Empty;

    /// <summary>The walk in progress, or null.</summary>
    internal ScanPass? Pass { get; private set; }

    internal ScanState State => IsFinished ? new(start.Mark, SlotSet.All, null) : new(start.Mark, _covered, Pass ?? _lastAside);

    internal bool IsFinished => required.Except(_covered).IsEmpty;

    /// <summary>What no walk has been through.</summary>
    internal SlotSet Open => required.Except(_covered).Except(_walked);

    internal bool IsAllWalked => Open.IsEmpty;

    internal bool HasUnconfirmed => _unconfirmed.Count > 0;

    internal bool IsWanted(RedisKey key) => Pass!.Slots.Contains(HashSlot.Of(key));

    /// <summary>The node whose walk was left last, if it may be there again; else the owner of the first open slot that has one.</summary>
    internal TopologyNode? Choose(TopologySnapshot snapshot, HashSet<NodeEndpoint> tried)
    {
        if (_lastAside is { } left && _aside.ContainsKey(left.Member)
            && snapshot.Masters.FirstOrDefault(node => string.Equals(node.Id ?? string.Empty, left.Member, StringComparison.Ordinal)) is { } known && !tried.Contains(known.Endpoint))
        {
            return known;
        }

        foreach (int slot in Open.Slots())
        {
            if (snapshot.MasterOf(slot) is { } owner && !tried.Contains(owner.Endpoint)) return owner;
        }

        return null;
    }

    /// <summary>Begins a walk, or goes on with the one that was left. False when the node has nothing to give.</summary>
    internal bool Begin(NodeClaim claim)
    {
        bool wasBegun = _aside.Remove(claim.Member, out ScanPass? left);
        if (ReferenceEquals(left, _lastAside)) _lastAside = null;
        Pass = wasBegun && claim.Continues(left!)
            ? left! with { Slots = left.Slots.Intersect(claim.Slots).Intersect(Open) }
            : new ScanPass(claim.Member, claim.Process, claim.Term, claim.Slots.Intersect(Open));
        return KeepIfAny();
    }

    /// <summary>Takes a later word of the node: what it has lost meanwhile, this walk cannot cover. False when there is nothing left of the walk.</summary>
    internal bool Continue(NodeClaim claim)
    {
        if (!claim.Continues(Pass!)) Pass = null;
        else if (!Pass!.Slots.Except(claim.Slots).IsEmpty) Pass = Pass with { Slots = Pass.Slots.Intersect(claim.Slots) };
        return KeepIfAny();
    }

    /// <summary>A page has been taken.</summary>
    internal void Advance(ulong cursor)
    {
        // A pass that was lost with the page still being read has no place to note.
        if (Pass is not null) Pass = Pass with { Cursor = cursor, IsThrough = cursor == 0 };
    }

    /// <summary>Keeps the walk in progress for later.</summary>
    internal void SetAside()
    {
        if (Pass is not { } pass) return;
        _aside[pass.Member] = _lastAside = pass;
        Pass = null;
    }

    /// <summary>The walk is through and the node had its slots all the time, by its own account.</summary>
    internal void EndPass(TopologyNode node)
    {
        _unconfirmed.Add((node, Pass!.Slots));
        _walked = _walked.Union(Pass.Slots);
        Pass = null;
    }

    /// <summary>Takes the topology's word, asked for after the walks. False when it confirms none.</summary>
    internal bool Confirm(TopologySnapshot snapshot)
    {
        int before = _covered.Count;
        foreach ((TopologyNode node, SlotSet slots) in _unconfirmed)
            _covered = _covered.Union(slots.Where(slot => snapshot.MasterOf(slot)?.IsSameMember(node) == true));
        _unconfirmed.Clear();
        _walked = SlotSet.Empty;
        return _covered.Count > before;
    }

    private bool KeepIfAny()
    {
        if (Pass is { Slots.IsEmpty: true }) Pass = null;
        return Pass is not null;
    }
}
