// A session's token: what is put in comes out, what is no token is refused, and slots are never lost.
using ClusterClient.Protocol;
using ClusterClient.Routing.Freshness;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Routing.Freshness;

public class SessionTokenTests
{
    private static readonly string s_history = new('a', 40);

    private static Arbitrary<int[]> Slots => Gen.Choose(0, HashSlot.Count - 1).ArrayOf().ToArbitrary();

    [Fact]
    public void A_set_of_slots_never_loses_one_and_stays_small()
        => Prop.ForAll(Slots, static slots =>
        {
            TokenSlots set = TokenSlots.Of(slots);
            return slots.All(set.Contains) && set.Ranges.Length <= TokenSlots.MaxRanges
                && (slots.Distinct().Count() > TokenSlots.MaxRanges || set.Ranges.Sum(static range => range.Last - range.First + 1) == slots.Distinct().Count());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_token_holds_what_was_put_in()
        => Prop.ForAll(Slots, Gen.Choose(0, int.MaxValue).ToArbitrary(), static (slots, offset) =>
        {
            SessionPoint[] points = [new(new FreshPoint(s_history, offset * 1000L), false, TokenSlots.Of(slots)), new(FreshPoint.None, true, TokenSlots.Of([1]))];
            SessionPoint[] read = SessionToken.Read(SessionToken.Write(points));
            return read.Length == 2 && read.Zip(points).All(static pair => pair.First.Point == pair.Second.Point
                && pair.First.IsMasterOnly == pair.Second.IsMasterOnly && pair.First.Slots.Ranges.SequenceEqual(pair.Second.Slots.Ranges));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("not base64 at all!")]
    [InlineData("Ag")]
    [InlineData("Af____8H")]
    public void What_is_no_token_is_refused(string text)
        => Assert.Contains("This is not the token of a session", Assert.Throws<ArgumentException>(() => SessionToken.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_token_that_was_cut_or_changed_is_refused_or_read_but_never_grows_or_hangs()
    {
        string token = SessionToken.Write([new(new FreshPoint(s_history, 123456), false, TokenSlots.Of([0, 5, 16383]))]);
        for (int length = 0; length < token.Length; length++) Assert.ThrowsAny<ArgumentException>(() => SessionToken.Read(token[..length]));
        Prop.ForAll(Gen.Choose(0, token.Length - 1).ToArbitrary(), Gen.Elements("AZaz09_-".ToCharArray()).ToArbitrary(), (at, letter) =>
        {
            try
            {
                return SessionToken.Read(token[..at] + letter + token[(at + 1)..]).Length <= 1;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Points_of_one_history_become_the_furthest_of_them()
    {
        SessionPoint[] merged = SessionPoint.Merge([
            new(new FreshPoint("h", 5), false, TokenSlots.Of([1])), new(new FreshPoint("h", 9), false, TokenSlots.Of([7])), new(new FreshPoint("g", 3), false, TokenSlots.Of([2]))]);
        Assert.Equal(2, merged.Length);
        Assert.Equal(9, SessionPoint.Find(merged, 1)!.Point.Offset);
        Assert.Equal(9, SessionPoint.Find(merged, 7)!.Point.Offset);
        Assert.Equal(3, SessionPoint.Find(merged, 2)!.Point.Offset);
        Assert.Null(SessionPoint.Find(merged, 3));
    }

    [Fact]
    public void Where_two_histories_hold_a_slot_only_its_master_answers()
        => Assert.True(SessionPoint.Find([new(new FreshPoint("h", 5), false, TokenSlots.Of([1])), new(new FreshPoint("g", 9), false, TokenSlots.Of([1]))], 1)!.IsMasterOnly);
}
