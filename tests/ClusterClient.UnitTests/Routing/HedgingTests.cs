// What hedged reads go by: a budget of second questions, and the time of the slowest twentieth.
using ClusterClient.Routing.Hedging;

namespace ClusterClient.UnitTests.Routing;

public sealed class HedgingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(100)]
    public void Second_questions_keep_to_their_share(int percent)
    {
        HedgeBudget budget = new(percent);
        int spent = 0;
        for (int i = 0; i < 10_000; i++)
        {
            budget.Earn();
            if (budget.TrySpend()) spent++;
        }

        Assert.InRange(spent, 100 * percent, (100 * percent) + 1);
    }

    [Fact]
    public void What_was_not_spent_is_saved_up_for_ten_and_no_more()
    {
        HedgeBudget budget = new(percent: 10);
        for (int i = 0; i < 100_000; i++) budget.Earn();
        int spent = 0;
        while (budget.TrySpend()) spent++;
        Assert.Equal(10, spent);
    }

    [Fact]
    public void One_in_twenty_is_slower_than_the_estimate()
    {
        Random random = new(7);
        TailEstimate tail = new();
        Assert.Null(tail.Present);
        int slower = 0;
        for (int i = 0; i < 40_000; i++)
        {
            TimeSpan time = TimeSpan.FromMicroseconds(100 + (900 * random.NextDouble()));
            if (i >= 20_000 && time > tail.Present) slower++;
            tail.Add(time);
        }

        Assert.InRange(slower, 20_000 * 0.03, 20_000 * 0.07);
        Assert.InRange(tail.Present!.Value.TotalMicroseconds, 850, 1000);
    }
}
