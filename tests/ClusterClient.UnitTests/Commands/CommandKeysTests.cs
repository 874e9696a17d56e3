// Which arguments are keys, for every form a command can have.
using ClusterClient.Protocol;
using ClusterClient.Routing;

namespace ClusterClient.UnitTests.Commands;

public sealed class CommandKeysTests
{
    [Theory]
    [InlineData("GET k", "k")]
    [InlineData("GET", "")]
    [InlineData("PING", "")]
    [InlineData("PING k", "")]
    [InlineData("MGET a b c", "a b c")]
    [InlineData("MSET a 1 b 2", "a b")]
    [InlineData("MSET a 1 b", "a b")]
    [InlineData("MSETEX 2 a 1 b 2 NX", "a b")]
    [InlineData("RENAME a b", "a b")]
    [InlineData("RENAME a", "a")]
    [InlineData("BITOP AND d a b", "d a b")]
    [InlineData("BITOP AND", "")]
    [InlineData("BLPOP a b 0", "a b")]
    [InlineData("BLPOP", "")]
    [InlineData("LMPOP 2 a b LEFT", "a b")]
    [InlineData("BLMPOP 0 2 a b LEFT", "a b")]
    [InlineData("OBJECT ENCODING k", "k")]
    [InlineData("XGROUP CREATE s g $", "s")]
    [InlineData("MEMORY USAGE k SAMPLES 5", "k")]
    [InlineData("EVAL s 0 a", "")]
    [InlineData("EVAL s 2 a b c", "a b")]
    [InlineData("EVAL s 3 a b", "")]
    [InlineData("EVAL s -1 a b", "")]
    [InlineData("EVAL s x a b", "")]
    [InlineData("EVAL s 99999999999999999999 a b", "")]
    [InlineData("FCALL f 1 k v", "k")]
    [InlineData("SINTERCARD 2 a b LIMIT 1", "a b")]
    [InlineData("ZUNION 2 a b WITHSCORES", "a b")]
    [InlineData("ZUNIONSTORE d 2 a b WEIGHTS 1 2", "a b d")]
    [InlineData("ZUNIONSTORE d x a b", "d")]
    [InlineData("ZINTERSTORE d", "d")]
    [InlineData("ZDIFFSTORE", "")]
    [InlineData("SORT k", "k")]
    [InlineData("SORT", "")]
    [InlineData("SORT k BY nosort GET # STORE d", "k d")]
    [InlineData("sort k limit 0 1 store d", "k d")]
    [InlineData("SORT k STORE a STORE b", "k b")]
    [InlineData("SORT k STORE", "k")]
    [InlineData("GEORADIUS k 1 2 3 m STORE d", "k d")]
    [InlineData("GEORADIUSBYMEMBER k m 3 m STOREDIST d", "k d")]
    [InlineData("GEORADIUS_RO k 1 2 3 m", "k")]
    [InlineData("XREAD COUNT 1 STREAMS a b 0 0", "a b")]
    [InlineData("XREAD STREAMS a b 0", "a")]
    [InlineData("XREAD streams a 0", "a")]
    [InlineData("XREAD COUNT 1", "")]
    [InlineData("XREAD", "")]
    [InlineData("XREADGROUP GROUP STREAMS c COUNT 1 STREAMS a >", "a")]
    [InlineData("XREADGROUP GROUP g STREAMS NOACK STREAMS a >", "a")]
    [InlineData("XREADGROUP GROUP g c BLOCK 5 CLAIM 9 NOACK STREAMS a b > >", "a b")]
    [InlineData("MIGRATE h 1 k 0 10", "k")]
    [InlineData("MIGRATE h 1 \"\" 0 10 COPY KEYS a b", "a b")]
    [InlineData("MIGRATE h 1 \"\" 0 10 AUTH keys KEYS a", "a")]
    [InlineData("MIGRATE h 1 \"\" 0 10 AUTH2 keys keys KEYS a", "a")]
    [InlineData("MIGRATE h 1 \"\" 0 10", "")]
    [InlineData("MIGRATE h 1 \"\" 0 10 KEYS", "")]
    [InlineData("MIGRATE h", "")]
    [InlineData("JSON.MGET a b $", "a b")]
    [InlineData("JSON.MSET a $ 1 b $ 2", "a b")]
    [InlineData("CMS.MERGE d 2 a b", "a b d")]
    [InlineData("SPUBLISH c m", "c")]
    [InlineData("PUBLISH c m", "")]
    [InlineData("CLUSTER KEYSLOT k", "")]
    public void FindsKeys(string line, string expected)
    {
        Command command = Parse(line);
        Assert.True(CommandKeys.TryLocate(command, out KeyPositions keys));
        string[] found = new string[keys.Count];
        for (int i = 0; i < found.Length; i++) found[i] = command[keys[i]].ToString();
        Assert.Equal(expected, string.Join(' ', found));

        bool hasFirst = CommandKeys.TryGetFirstKey(command, out RedisValue first);
        Assert.Equal(keys.Count > 0, hasFirst);
        if (hasFirst) Assert.Contains(first.ToString(), found);
    }

    [Theory]
    [InlineData("MGET a b")]
    [InlineData("SORT a STORE b")]
    [InlineData("ZUNIONSTORE a 1 b")]
    [InlineData("XREAD STREAMS a b 0 0")]
    [InlineData("GEORADIUS a 1 2 3 m STORE b")]
    public void EveryKeyDecidesTheSlot(string line)
    {
        Assert.Throws<CrossSlotException>(() => CommandSlot.Of(Parse(line)));
        string[] words = [.. line.Split(' ').Select(word => word is "a" or "b" ? "{t}" + word : word)];
        Assert.Equal(HashSlot.Of("t"), CommandSlot.Of(Parse(string.Join(' ', words))));
    }

    [Fact]
    public void LeavesTheRestToTheServer()
    {
        var command = new Command(new CommandInfo("MY.OWN", KeySpec.None, CommandFlags.MovableKeys), "a");
        Assert.False(CommandKeys.TryLocate(command, out KeyPositions keys));
        Assert.Equal(0, keys.Count);
        Assert.False(CommandKeys.TryGetFirstKey(command, out _));
        Assert.True(CommandTable.TryFind("XGROUP", out CommandInfo? container));
        Assert.False(CommandKeys.TryLocate(new Command(container, "NEW", "a"), out _));
    }

    [Fact]
    public void ReadsCountsHoweverTheyAreHeld()
    {
        CommandInfo eval = CommandTable.Get("EVAL");
        foreach (RedisValue count in new RedisValue[] { 1, "1", "1"u8.ToArray() })
        {
            Assert.True(CommandKeys.TryGetFirstKey(new Command(eval, "return 1", count, "k"), out RedisValue key));
            Assert.Equal("k", key);
        }
    }

    [Fact]
    public void FindsKeysWithoutAllocating()
    {
        Command[] commands = [Parse("GET k"), Parse("EVAL s 1 k"), Parse("XREAD COUNT 1 STREAMS a b 0 0"), Parse("SORT k STORE d"), Parse("ZUNIONSTORE d 2 a b")];
        Find(commands);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Find(commands);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        static void Find(Command[] commands)
        {
            foreach (ref readonly Command command in commands.AsSpan())
            {
                CommandKeys.TryGetFirstKey(command, out _);
                CommandKeys.TryLocate(command, out KeyPositions keys);
                for (int i = 0; i < keys.Count; i++) _ = command[keys[i]];
            }
        }
    }

    [Fact]
    public void PositionsAreValues()
    {
        Assert.True(CommandKeys.TryLocate(Parse("SORT k STORE d"), out KeyPositions left));
        Assert.True(CommandKeys.TryLocate(Parse("SORT x STORE y"), out KeyPositions right));
        Assert.True(left == right);
        Assert.False(left != right);
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
        Assert.NotEqual(KeyPositions.None, left);
        Assert.Throws<ArgumentOutOfRangeException>(() => left[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => left[-1]);
    }

    private static Command Parse(string line)
    {
        string[] words = line.Split(' ');
        string? subcommand = words.Length > 1 ? words[1] : null;
        Assert.True(CommandTable.TryFind(words[0], subcommand, out CommandInfo? info));
        int name = info.Name.Contains(' ', StringComparison.Ordinal) ? 2 : 1;
        return new Command(info, [.. words.Skip(name).Select(word => word == "\"\"" ? RedisValue.EmptyString : (RedisValue)word)]);
    }
}
