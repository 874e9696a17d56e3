// Policies that would mean nothing are refused when they are made.
namespace ClusterClient.UnitTests.Configuration;

public class ReadFromTests
{
    [Fact]
    public void The_master_alone_takes_no_bound_and_no_hedge()
    {
        foreach (Func<ReadFrom> make in (Func<ReadFrom>[])[static () => ReadFrom.Master.WithMaxStaleness(TimeSpan.FromSeconds(1)), static () => ReadFrom.Master.WithMaxLag(0)])
            Assert.Contains("ReadFrom.ReplicaPreferred", Assert.Throws<InvalidOperationException>(make).Message, StringComparison.Ordinal);
        Assert.Contains("no second node", Assert.Throws<InvalidOperationException>(static () => ReadFrom.Master.WithHedging()).Message, StringComparison.Ordinal);
        Assert.Same(ReadFrom.Master, ReadFrom.Master.Inherit(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_bound_and_a_hedge_exclude_each_other()
    {
        Assert.Throws<InvalidOperationException>(static () => ReadFrom.Any.WithHedging().WithMaxLag(0));
        Assert.Throws<InvalidOperationException>(static () => ReadFrom.Any.WithHedging().WithMaxStaleness(TimeSpan.FromSeconds(1)));
        Assert.Throws<InvalidOperationException>(static () => ReadFrom.Any.WithMaxStaleness(TimeSpan.FromSeconds(1)).WithHedging());
    }

    [Fact]
    public void One_bound_joins_the_other()
    {
        ReadFrom both = ReadFrom.Nearest.WithMaxLag(7).WithMaxStaleness(TimeSpan.FromSeconds(1)).WithMaxLag(8);
        Assert.Equal((8, TimeSpan.FromSeconds(1), "nearest"), (both.MaxLag, both.MaxStaleness, both.ToString()));
    }
}
