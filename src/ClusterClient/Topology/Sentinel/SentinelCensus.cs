// Who belongs to the Sentinels of one master: learned from each other's word, counted once each, and forgotten.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Sentinel;

/// <summary>A Sentinel as another one names it.</summary>
/// <param name="Announced">Its address.</param>
/// <param name="Id">Its id (<c>runid</c>), which it keeps over restarts; empty when it is not told.</param>
internal readonly record struct NamedSentinel(NodeEndpoint Announced, string Id)
{
    /// <summary>Whether the other one cannot reach it.</summary>
    public bool IsDown { get; init; }
}

/// <summary>An address at which a Sentinel is, or is said to be.</summary>
/// <param name="Endpoint">The address to dial.</param>
/// <param name="IsGiven">Whether the user gave it: such a one is never forgotten.</param>
internal sealed record SentinelMember(NodeEndpoint Endpoint, bool IsGiven)
{
    /// <summary>Which Sentinel it is: two addresses of one have the same. Its address, until more is known.</summary>
    public string Identity { get; init; } = Endpoint.ToString();

    /// <summary>Whether it has ever answered.</summary>
    public bool HasAnswered { get; init; }

    /// <summary>Whether it said that it does not watch this master, or is no Sentinel.</summary>
    public bool HasNoVote { get; init; }

    /// <summary>Since when it neither answers nor is named by one that does, in milliseconds; null while one of these holds.</summary>
    public long? UnnamedSince { get; init; }
}

/// <summary>
/// Immutable and pure: no clock, no I/O. <see cref="SentinelMerge"/> weighs the Sentinels that agree against <see cref="Known"/>. Counting too many holds
/// writes back for nothing, but only while two nodes say that they are master, or epochs begin anew. Counting too few is worse: a client that starts
/// beside one Sentinel that lags, the others being dead or cut off, would take it for all there are, and write to a demoted master. Therefore
/// <list type="bullet">
/// <item>those that the user gave count, dead or alive, whatever the Sentinels say: a Sentinel that was reset names nobody;</item>
/// <item>those that have answered count until they are forgotten, for somebody was there;</item>
/// <item>those that are only named count as far as the median of what the Sentinels claim: a lone Sentinel's word is all there is, and says that it is one of
/// many; beside others, one that names what nobody else knows (a liar, or old addresses that only it remembers) is outvoted, for between two claims the
/// lesser counts. That could count too few only where five or more Sentinels are cut in two and one of the only two in reach was reset.</item>
/// </list>
/// </summary>
internal sealed record SentinelCensus
{
    /// <summary>How many addresses that the user did not give are dialed: nobody runs as many, and a liar could name any number.</summary>
    internal const int Most = 64;

    /// <summary>After how long in which nobody names it a silent one is forgotten: after SENTINEL RESET the Sentinels find each other within 2 to 4 s.</summary>
    internal const long Grace = 10_000;

    /// <summary>All that are dialed.</summary>
    public ImmutableDictionary<NodeEndpoint, SentinelMember> Members { get; init; } = ImmutableDictionary<NodeEndpoint, SentinelMember>.Empty;

    /// <summary>The last round's views, one of each Sentinel.</summary>
    public ImmutableArray<SentinelView> Views { get; init; } = [];

    /// <summary>How many Sentinels there are, dead ones included.</summary>
    public int Known { get; init; }

    /// <summary>Only those that the user gave.</summary>
    public static SentinelCensus Of(IEnumerable<NodeEndpoint> given)
    {
        ImmutableDictionary<NodeEndpoint, SentinelMember> members = given.Distinct().ToImmutableDictionary(static one => one, static one => new SentinelMember(one, IsGiven: true));
        return new() { Members = members, Known = members.Count };
    }

    /// <summary>What is known after a round.</summary>
    /// <param name="views">Who answered.</param>
    /// <param name="voteless">Who said that it does not watch this master, or is no Sentinel.</param>
    /// <param name="map">From announced to dialed addresses.</param>
    /// <param name="now">The time, in milliseconds.</param>
    public SentinelCensus Take(IReadOnlyList<SentinelView> views, IReadOnlySet<NodeEndpoint> voteless, Func<NodeEndpoint, NodeEndpoint> map, long now)
    {
        ImmutableArray<SentinelVoice> all = SentinelVoice.Of(views, map);
        ImmutableArray<SentinelVoice> voices = [.. all.GroupBy(static voice => voice.Identity, StringComparer.Ordinal).Select(static same => same.MaxBy(static voice => voice.View.Epoch)!)];
        ImmutableDictionary<NodeEndpoint, string> answering = all.ToImmutableDictionary(static voice => voice.View.Source, static voice => voice.Identity);
        ILookup<NodeEndpoint, (bool IsDown, int Position)> named = voices.SelectMany(static voice => voice.Named.DistinctBy(static one => one.Announced).Select(static (one, position) => (one, position)))
            .ToLookup(static naming => naming.one.Announced, static naming => (naming.one.IsDown, naming.position));
        List<SentinelMember> members = [.. Members.Values.Select(member => Update(member, answering, voteless, isNamed: named.Contains(member.Endpoint) || voices.IsEmpty, now))];
        members.RemoveAll(member => IsGone(member, members, answering, now));
        if (!voices.IsEmpty)
        {
            HashSet<string> present = answering.Values.ToHashSet(StringComparer.Ordinal);
            IEnumerable<SentinelMember> learned = voices.SelectMany(static voice => voice.Named).Where(one => !present.Contains(one.Id)).Select(static one => one.Announced).Distinct()
                .Where(address => members.TrueForAll(member => member.Endpoint != address)).Select(static address => new SentinelMember(address, IsGiven: false));

            // Who names many gains nothing: each one's first names come before any other's last. Sentinels themselves remember the dead until they are reset.
            members = [.. members.Concat(learned)
                .OrderByDescending(static member => member.IsGiven)
                .ThenByDescending(member => answering.ContainsKey(member.Endpoint))
                .ThenByDescending(static member => member.HasAnswered)
                .ThenByDescending(member => named[member.Endpoint].Any(static naming => !naming.IsDown))
                .ThenByDescending(member => named[member.Endpoint].Count())
                .ThenBy(member => named[member.Endpoint].Select(static naming => naming.Position).DefaultIfEmpty(int.MaxValue).Min())
                .ThenBy(static member => member.Endpoint.ToString(), StringComparer.Ordinal)
                .Take(Members.Values.Count(static member => member.IsGiven) + Most)];
        }

        int counted = members.Where(static member => !member.HasNoVote && (member.IsGiven || member.HasAnswered)).Select(static member => member.Identity).Distinct(StringComparer.Ordinal).Count();
        return new() { Members = members.ToImmutableDictionary(static member => member.Endpoint), Views = [.. voices.Select(static voice => voice.View)], Known = Math.Max(counted, Claimed(voices)) };
    }

    private static SentinelMember Update(SentinelMember member, ImmutableDictionary<NodeEndpoint, string> answering, IReadOnlySet<NodeEndpoint> voteless, bool isNamed, long now)
        => answering.TryGetValue(member.Endpoint, out string? identity)
            ? member with { Identity = identity, HasAnswered = true, HasNoVote = false, UnnamedSince = null }
            : member with { HasNoVote = member.HasNoVote || voteless.Contains(member.Endpoint), UnnamedSince = isNamed ? null : member.UnnamedSince ?? now };

    /// <summary>Whether nobody knows it any more, or it is one that answers at another address too.</summary>
    private static bool IsGone(SentinelMember member, List<SentinelMember> all, ImmutableDictionary<NodeEndpoint, string> answering, long now)
        => !member.IsGiven
        && (member.UnnamedSince is { } since ? now - since >= Grace
            : answering.ContainsKey(member.Endpoint) && all.Exists(other => string.Equals(other.Identity, member.Identity, StringComparison.Ordinal) && other.Endpoint != member.Endpoint && answering.ContainsKey(other.Endpoint)
                && (other.IsGiven || string.CompareOrdinal(other.Endpoint.ToString(), member.Endpoint.ToString()) < 0)));

    private static int Claimed(ImmutableArray<SentinelVoice> voices)
    {
        int[] claims = [.. voices.Select(static voice => 1 + voice.Others.Count).Order()];
        return claims.Length == 0 ? 0 : claims[(claims.Length - 1) / 2];
    }
}
