// Set operations over many slots: what is joined out of the parts is what one server would have answered.
using ClusterClient.Protocol;
using ClusterClient.Routing;
using ClusterClient.UnitTests.Fakes;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterClient.UnitTests.Routing;

public class SetSplitTests
{
    [Fact]
    public void Parts_that_each_combine_their_own_sets_give_the_whole_when_joined()
        => Prop.ForAll(
            ArbMap.Default.ArbFor<(byte[][] Sets, byte Limit, byte Tags)>(),
            static input =>
            {
                // Keys in one to eight slots; members from a few, so that sets overlap.
                string[][] sets = [.. (input.Sets ?? []).Take(12).Select(static set => (set ?? []).Select(static member => $"m{member % 7}").Distinct().ToArray()), ["m1", "m2", "m3"]];
                string[] keys = [.. sets.Select((_, i) => $"{{{i * 5 % ((input.Tags % 8) + 1)}}}:{i}")];
                Dictionary<string, string[]> store = keys.Zip(sets).ToDictionary(static pair => pair.First, static pair => pair.Second);
                long limit = input.Limit % 4;
                RedisValue[] names = [.. keys.Select(static key => (RedisValue)key)];
                return Agrees("SUNION", names, store)
                    && Agrees("SINTER", names, store)
                    && Agrees("SDIFF", names, store)
                    && Agrees("SINTERCARD", [names.Length, .. names], store)
                    && Agrees("SINTERCARD", [names.Length, .. names, "limit", limit], store);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_malformed_is_left_to_the_server()
    {
        CommandInfo size = CommandTable.Get("SINTERCARD");
        foreach (RedisValue[] arguments in new RedisValue[][] { [3, "a", "b"], ["x", "a"], [2, "a", "b", "LIMIT"], [2, "a", "b", "LIMIT", "x"], [2, "a", "b", "LIMIT", -1], [2, "a", "b", "LIMITS", 1], [] })
        {
            Assert.Null(SplitPlan.Make(new Command(size, arguments), out int slot));
            Assert.Equal(CommandSlot.None, slot);
        }

        Assert.Null(SplitPlan.Make(new Command(size, 2, "{t}a", "{t}b"), out int shared));
        Assert.Equal(HashSlot.Of("t"), shared);
    }

    [Fact]
    public async Task Parts_go_to_their_nodes_and_one_that_fails_names_its_keys()
    {
        await using FakeCluster cluster = FakeCluster.Start(2);
        await using RedisClient redis = await cluster.ConnectAsync();
        string here = cluster.KeyOf(cluster[0]), there = cluster.KeyOf(cluster[1]);
        cluster[0].Server.On("SDIFF", FakeAnswer.Bulks("a", "b", "c"));
        cluster[1].Server.On("SUNION", FakeAnswer.Raw("~2\r\n$1\r\nb\r\n$1\r\nx\r\n"));
        Assert.Equal(["a", "c"], await Until.EndsAsync(redis.SetCombineAsync(SetOperation.Difference, [here, there])));
        cluster[1].Server.On("SINTER", FakeAnswer.Error("WRONGTYPE Operation against a key holding the wrong kind of value"));
        cluster[0].Server.On("SINTER", FakeAnswer.Bulks("a"));
        PartialFailureException failure = await Until.FailsAsync<PartialFailureException, long>(redis.SetIntersectionLengthAsync([here, there], limit: 5));
        Assert.Equal(("SINTERCARD", (RedisKey)there), (failure.CommandName, Assert.Single(failure.Failures).Key));
    }

    private static bool Agrees(string name, RedisValue[] arguments, Dictionary<string, string[]> store)
    {
        Command whole = new(CommandTable.Get(name), arguments);
        string[] expected = Answer(whole, store);
        if (SplitPlan.Make(whole, out _) is not { } parts) return true;
        if (parts.Any(part => part.Keys.Length != part.Command.ArgumentCount || part.Keys.Where((key, i) => Key(whole, key) != (string?)part.Command[i]).Any())) return false;
        RespValue joined = SetSplit.Join(whole, parts, [.. parts.Select(part => Reply(Answer(part.Command, store)))]);
        string[] given = name == "SINTERCARD" ? [joined.AsString()!] : [.. joined.Items.ToArray().Select(static item => item.AsString()!)];
        return given.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private static string? Key(Command whole, int key) => (string?)whole[key + (whole.Info.Name == "SINTERCARD" ? 1 : 0)];

    /// <summary>What one server would answer that had all the keys.</summary>
    private static string[] Answer(Command command, Dictionary<string, string[]> store)
    {
        bool isSize = command.Info.Name == "SINTERCARD";
        int first = isSize ? 1 : 0, count = isSize ? (int)command[0] : command.ArgumentCount;
        string[][] sets = [.. Enumerable.Range(first, count).Select(i => store[(string)command[i]!])];
        IEnumerable<string> members = sets.Skip(1).Aggregate(sets[0].AsEnumerable(), (all, set) => command.Info.Name switch
        {
            "SUNION" => all.Union(set),
            "SDIFF" => all.Except(set),
            _ => all.Intersect(set),
        });
        if (!isSize) return [.. members];
        long limit = command.ArgumentCount > first + count ? (long)command[first + count + 1] : 0;
        return [(limit == 0 ? members.Count() : Math.Min(limit, members.Count())).ToString(System.Globalization.CultureInfo.InvariantCulture)];
    }

    private static RespValue Reply(string[] members)
    {
        RespReader reader = new(System.Text.Encoding.ASCII.GetBytes($"~{members.Length}\r\n{string.Concat(members.Select(static member => $"${member.Length}\r\n{member}\r\n"))}"));
        reader.Read();
        return reader.ReadTree();
    }
}
