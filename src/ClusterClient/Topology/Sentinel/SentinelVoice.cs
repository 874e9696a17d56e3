// One answer of a Sentinel, with who it is: the same Sentinel may have been asked at two addresses.
using System.Collections.Immutable;

namespace ClusterClient.Topology.Sentinel;

/// <param name="View">What it believes.</param>
/// <param name="Identity">Who it is.</param>
/// <param name="Named">The others it names, by the addresses to dial.</param>
internal sealed record SentinelVoice(SentinelView View, string Identity, ImmutableArray<NamedSentinel> Named)
{
    /// <summary>Who the others are.</summary>
    public IReadOnlySet<string> Others => Named.Select(IdentityOf).Where(other => !string.Equals(other, Identity, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// Finds out who each is. It says so itself (SENTINEL MYID, from Redis 6.2 on); else others call it by its id and the very address that was dialed; else it is
    /// who names the same Sentinels: two that know each other name each other, and none names itself.
    /// </summary>
    public static ImmutableArray<SentinelVoice> Of(IReadOnlyList<SentinelView> views, Func<NodeEndpoint, NodeEndpoint> map)
    {
        List<SentinelVoice> voices = [.. views.Select(view => new SentinelVoice(view, view.Id, [.. view.Sentinels.Select(one => one with { Announced = map(one.Announced) })]))];
        List<SentinelVoice> told = voices.ConvertAll(voice => voice.Identity.Length > 0 ? voice : voice with { Identity = NameOf(voice.View.Source, voices) });
        return [.. told.Select(voice => voice.Identity.Length > 0 ? voice : voice with { Identity = TwinOf(voice, told) })];
    }

    private static string NameOf(NodeEndpoint address, List<SentinelVoice> voices)
        => voices.SelectMany(static voice => voice.Named).Where(one => one.Announced == address && one.Id.Length > 0).GroupBy(static one => one.Id, StringComparer.Ordinal)
            .OrderByDescending(static calls => calls.Count()).ThenBy(static calls => calls.Key, StringComparer.Ordinal).FirstOrDefault()?.Key ?? string.Empty;

    private static string TwinOf(SentinelVoice voice, List<SentinelVoice> told)
    {
        if (voice.Named.IsEmpty) return voice.View.Source.ToString();
        List<SentinelVoice> twins = told.FindAll(other => other.Named.Select(IdentityOf).ToHashSet(StringComparer.Ordinal).SetEquals(voice.Named.Select(IdentityOf)));
        return twins.Find(static twin => twin.Identity.Length > 0)?.Identity ?? twins.ConvertAll(static twin => twin.View.Source.ToString()).Min(StringComparer.Ordinal)!;
    }

    private static string IdentityOf(NamedSentinel one) => one.Id.Length > 0 ? one.Id : one.Announced.ToString();
}
