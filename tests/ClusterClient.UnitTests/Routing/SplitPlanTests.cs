// How a command on many keys is cut: by slot, in order, and without a trace where there is nothing to cut.
using ClusterClient.Protocol;
using ClusterClient.Routing;

namespace ClusterClient.UnitTests.Routing;

public class SplitPlanTests
{
    [Fact]
    public void Keys_of_one_slot_give_the_slot_and_allocate_nothing()
    {
        Command command = new(CommandTable.Get("MGET"), [.. Enumerable.Range(0, 20).Select(static i => (RedisValue)$"{{t}}{i}")]);
        Assert.Null(SplitPlan.Make(command, out int slot));
        Assert.Equal(HashSlot.Of("t"), slot);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) SplitPlan.Make(command, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_first_difference_anywhere_cuts_by_slot_in_the_order_of_the_call()
    {
        for (int odd = 0; odd < 6; odd++)
        {
            RedisValue[] arguments = [.. Enumerable.Range(0, 6).SelectMany(i => new RedisValue[] { i == odd ? "{other}" : $"{{t}}{i}", i })];
            SplitPart[]? parts = SplitPlan.Make(new Command(CommandTable.Get("MSET"), arguments), out int slot);
            Assert.NotNull(parts);
            Assert.Equal((2, CommandSlot.None), (parts.Length, slot));
            Assert.Equal([odd], parts.Single(static part => part.Slot == HashSlot.Of("other")).Keys);
            SplitPart others = parts.Single(static part => part.Slot == HashSlot.Of("t"));
            Assert.Equal(Enumerable.Range(0, 6).Where(i => i != odd), others.Keys);
            Assert.Equal(others.Keys, Enumerable.Range(0, 5).Select(i => (int)others.Command[(2 * i) + 1]));
        }
    }

    [Fact]
    public void What_is_malformed_is_left_to_the_server()
    {
        Assert.Null(SplitPlan.Make(new Command(CommandTable.Get("MSET"), "a", 1, "b"), out int slot));
        Assert.Equal(CommandSlot.None, slot);
        Assert.Null(SplitPlan.Make(new Command(CommandTable.Get("DEL")), out slot));
        Assert.Equal(CommandSlot.None, slot);
    }

    [Fact]
    public void The_table_says_which_commands_may_be_cut()
        => Assert.Equal(
            ["DEL 1", "EXISTS 1", "MGET 1", "MSET 2", "SDIFF 1", "SINTER 1", "SINTERCARD 1", "SUNION 1", "TOUCH 1", "UNLINK 1", "ZDIFF 1", "ZINTERCARD 1"],
            CommandTable.All.Where(static command => command.SplitStride != 0).Select(static command => $"{command.Name} {command.SplitStride}").Order(StringComparer.Ordinal));
}
