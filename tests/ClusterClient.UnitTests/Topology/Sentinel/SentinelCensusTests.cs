// Which Sentinels are dialed, who is one under two addresses, who is forgotten, and how many there are: whatever some of them say.
using System.Collections.Immutable;
using ClusterClient.Topology.Sentinel;

namespace ClusterClient.UnitTests.Topology.Sentinel;

public class SentinelCensusTests
{
    private static readonly NodeEndpoint _master = new("10.0.0.1", 6379);
    private static readonly NodeEndpoint _first = new("sentinel-1", 26379);

    [Fact]
    public void One_that_is_given_names_the_others_and_all_count_before_they_have_answered()
    {
        SentinelCensus census = Take(SentinelCensus.Of([At(1)]), Says(1, 2, 3));
        Assert.Equal([At(1), At(2), At(3)], Addresses(census));
        Assert.Equal(3, census.Known);
    }

    [Fact]
    public void A_silent_one_that_nobody_names_is_forgotten_after_a_while_and_its_successor_learned()
    {
        SentinelCensus census = Take(SentinelCensus.Of([At(1)]), Says(1, 2, 3), Says(2, 1, 3), Says(3, 1, 2));
        census = Take(census, 1000, Says(1, 2, 4), Says(2, 1, 4));
        Assert.Equal([At(1), At(2), At(3), At(4)], Addresses(census));
        Assert.Equal(3, Take(census, 1000 + SentinelCensus.Grace - 1, Says(1, 2, 4), Says(2, 1, 4), Says(4, 1, 2)).Members.Values.Count(static member => member.UnnamedSince is null));
        census = Take(census, 1000 + SentinelCensus.Grace, Says(1, 2, 4), Says(2, 1, 4), Says(4, 1, 2));
        Assert.Equal([At(1), At(2), At(4)], Addresses(census));
        Assert.Equal(3, census.Known);
    }

    [Fact]
    public void A_reset_forgets_nobody_who_is_named_again_in_time_nor_who_answers()
    {
        SentinelCensus census = Take(SentinelCensus.Of([At(1)]), Says(1, 2, 3), Says(2, 1, 3), Says(3, 1, 2));
        census = Take(census, 1000, Says(1), Says(2));
        Assert.Equal(3, census.Known);
        census = Take(census, 5000, Says(1, 2), Says(2, 1, 3));
        census = Take(census, 5000 + SentinelCensus.Grace, Says(1), Says(2), Says(3));
        census = Take(census, 5000 + (2 * SentinelCensus.Grace), Says(1), Says(2), Says(3));
        Assert.Equal([At(1), At(2), At(3)], Addresses(census));
    }

    [Fact]
    public void What_the_user_gave_is_neither_forgotten_nor_left_uncounted()
    {
        SentinelCensus census = SentinelCensus.Of([At(1), At(2), At(3)]);
        for (long now = 0; now <= 5 * SentinelCensus.Grace; now += SentinelCensus.Grace) census = Take(census, now, Says(1));
        Assert.Equal([At(1), At(2), At(3)], Addresses(census));
        Assert.Equal(3, census.Known);
    }

    [Fact]
    public void While_nobody_answers_nobody_is_forgotten()
    {
        SentinelCensus census = Take(SentinelCensus.Of([At(1)]), Says(1, 2, 3), Says(2, 1, 3), Says(3, 1, 2));
        for (long now = 0; now <= 5 * SentinelCensus.Grace; now += SentinelCensus.Grace) census = Take(census, now);
        Assert.Equal((3, 3, 0), (census.Members.Count, census.Known, census.Views.Length));
    }

    [Fact]
    public void A_name_and_an_address_of_one_sentinel_count_once_and_only_what_was_given_is_dialed()
    {
        // Its address is learned from the others before its name answers.
        SentinelView named = Says(1, 2, 3) with { Source = _first };
        SentinelCensus census = Take(SentinelCensus.Of([_first, At(2)]), Says(1, 2, 3), Says(2, 1, 3), Says(3, 1, 2));
        Assert.Contains(At(1), Addresses(census));
        census = Take(census, named, Says(1, 2, 3), Says(2, 1, 3), Says(3, 1, 2));
        Assert.Equal([At(2), At(3), _first], Addresses(census));
        Assert.Equal((3, 3), (census.Known, census.Views.Length));
        Assert.Equal([At(2), At(3), _first], Addresses(Take(census, named, Says(2, 1, 3), Says(3, 1, 2))));
    }

    [Fact]
    public void Where_a_sentinel_does_not_tell_its_id_the_others_do_and_so_do_those_it_names()
    {
        SentinelView named = Silent(Says(1, 2, 3)) with { Source = _first };
        SentinelCensus census = Take(SentinelCensus.Of([_first, At(1)]), named, Silent(Says(1, 2, 3)), Silent(Says(2, 1, 3)));
        Assert.Equal((3, 2), (census.Known, census.Views.Length));
        Assert.Equal([At(1), At(2), At(3), _first], Addresses(census));

        // Learned, and of the one that was given: the next look knows.
        SentinelCensus learned = Take(SentinelCensus.Of([_first]), named, Silent(Says(1, 2, 3)), Silent(Says(2, 1, 3)));
        Assert.Equal([At(2), At(3), _first], Addresses(learned));

        // Not even a lone one is two of two under two names: it would be a majority.
        Assert.Equal((3, 1), Take(SentinelCensus.Of([_first, At(1)]), named, Silent(Says(1, 2, 3))) is var lone ? (lone.Known, lone.Views.Length) : default);
    }

    [Fact]
    public void The_newer_answer_of_one_that_answered_twice_counts()
    {
        SentinelCensus census = Take(SentinelCensus.Of([_first, At(1)]), Says(1) with { Source = _first, Epoch = 8 }, Says(1));
        Assert.Equal(8, Assert.Single(census.Views).Epoch);
    }

    [Fact]
    public void One_that_names_64_invented_ones_hides_no_true_one_and_distorts_no_count()
    {
        int[] invented = [.. Enumerable.Range(100, SentinelCensus.Most)];
        SentinelCensus census = SentinelCensus.Of([At(1), At(9)]);
        census = Take(census, Says(9, invented), Says(1, 2, 3, 9));
        Assert.Equal(2 + SentinelCensus.Most, census.Members.Count);
        Assert.Superset(new HashSet<NodeEndpoint> { At(1), At(2), At(3), At(9) }, census.Members.Keys.ToHashSet());
        Assert.Equal(4, census.Known);

        // They came first, and others are invented in every round.
        census = Take(SentinelCensus.Of([At(1), At(9)]), Says(9, invented));
        for (int i = 0; i < 20; i++) census = Take(census, i, Says(9, [.. Enumerable.Range(200 + (100 * i), SentinelCensus.Most)]), Says(1, 2, 3, 9), Says(2, 1, 3, 9));
        Assert.Equal(2 + SentinelCensus.Most, census.Members.Count);
        Assert.Superset(new HashSet<NodeEndpoint> { At(1), At(2), At(3), At(9) }, census.Members.Keys.ToHashSet());
        Assert.Equal(4, census.Known);
    }

    [Fact]
    public void Those_that_are_up_are_dialed_before_the_many_dead_that_sentinels_remember()
    {
        SentinelView remembers = Says(1, [.. Enumerable.Range(100, 2 * SentinelCensus.Most), 2]);
        SentinelCensus census = Take(SentinelCensus.Of([At(1)]), remembers with { Sentinels = [.. remembers.Sentinels.Select(static one => one with { IsDown = one.Announced != At(2) })] });
        Assert.Contains(At(2), Addresses(census));
        Assert.Equal(1 + SentinelCensus.Most, census.Members.Count);
    }

    [Fact]
    public void The_invented_are_forgotten_with_the_one_that_names_them()
    {
        SentinelCensus census = Take(SentinelCensus.Of([At(1)]), Says(1, 2, 9), Says(9, [.. Enumerable.Range(100, SentinelCensus.Most)]));
        census = Take(census, 0, Says(1, 2), Says(2, 1));
        census = Take(census, SentinelCensus.Grace, Says(1, 2), Says(2, 1));
        Assert.Equal([At(1), At(2)], Addresses(census));
    }

    [Fact]
    public void Who_says_that_it_does_not_watch_this_master_does_not_count()
    {
        SentinelCensus census = SentinelCensus.Of([At(1), At(2), At(3)]).Take([Says(1, 2)], new HashSet<NodeEndpoint> { At(3) }, static one => one, 0);
        Assert.Equal((2, 3), (census.Known, census.Members.Count));
        Assert.Equal(3, Take(census, Says(1, 2, 3), Says(3, 1, 2)).Known);
    }

    [Fact]
    public void Addresses_are_dialed_as_the_map_says()
    {
        SentinelCensus census = SentinelCensus.Of([At(1)]).Take([Says(1, 2)], new HashSet<NodeEndpoint>(), static one => one with { Port = one.Port + 1 }, 0);
        Assert.Equal([At(1), At(2) with { Port = 26380 }], Addresses(census));
    }

    private static SentinelCensus Take(SentinelCensus before, params SentinelView[] views) => Take(before, 0, views);

    // Only who is dialed can answer; three rounds, so that what was learned is dialed as well.
    private static SentinelCensus Take(SentinelCensus before, long now, params SentinelView[] views)
    {
        for (int round = 0; round < 3; round++) before = before.Take([.. views.Where(view => before.Members.ContainsKey(view.Source))], new HashSet<NodeEndpoint>(), static one => one, now);
        return before;
    }

    private static NodeEndpoint[] Addresses(SentinelCensus census) => [.. census.Members.Keys.OrderBy(static one => one.ToString(), StringComparer.Ordinal)];

    private static NodeEndpoint At(int number) => new($"10.0.1.{number}", 26379);

    private static SentinelView Says(int number, params int[] others) => new(At(number), 7, _master, ClusterNodeFlags.None, IsFailingOver: false)
    {
        Id = $"id{number}",
        Sentinels = [.. others.Select(static other => new NamedSentinel(At(other), $"id{other}"))],
    };

    private static SentinelView Silent(SentinelView view) => view with { Id = string.Empty };
}
