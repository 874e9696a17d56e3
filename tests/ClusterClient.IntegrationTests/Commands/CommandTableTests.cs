// The command table against what real servers say of their commands. Every deliberate difference is stated here, with its reason.
using ClusterClient.Protocol;

namespace ClusterClient.IntegrationTests.Commands;

[Collection(CommandServerCollection.Name)]
public sealed class CommandTableTests(CommandServer server)
{
    // Keyless commands that neither read nor write the key space have no such flag on a server; whether they may be sent again
    // is our own judgement and not compared. EVAL and its like are "movable" for a server; a count in front tells us where their keys are.
    private static readonly Dictionary<string, string> Differences = new(StringComparer.Ordinal)
    {
        ["TOUCH"] = "readonly for the server; it changes the access clock, which counts on the master alone, so it never goes to a replica",
        ["WAIT"] = "not flagged blocking before Redis 7.2, but it was always",
        ["CLUSTERSCAN"] = "its first argument is a cursor that stands for a slot, no key; it is routed like one",
        ["FUNCTION KILL"] = "no difference in effect",
    };

    // One line for each command whose keys positions cannot tell; the server is asked the same.
    private static readonly string[] MovableSamples =
    [
        "EVAL s 2 a b c", "EVALSHA s 1 a b", "EVAL_RO s 1 a", "EVALSHA_RO s 1 a", "FCALL f 2 a b", "FCALL_RO f 1 a",
        "LMPOP 2 a b LEFT", "BLMPOP 0 2 a b LEFT COUNT 1", "ZMPOP 2 a b MIN", "BZMPOP 0 1 a MIN",
        "SINTERCARD 2 a b LIMIT 1", "ZINTERCARD 1 a", "ZDIFF 2 a b", "ZINTER 2 a b WITHSCORES", "ZUNION 2 a b WEIGHTS 1 2",
        "ZDIFFSTORE d 2 a b", "ZINTERSTORE d 1 a", "ZUNIONSTORE d 2 a b WEIGHTS 1 2",
        "SORT a", "SORT a BY nosort LIMIT 0 5 STORE d", "SORT_RO a BY nosort",
        "GEORADIUS a 1 2 3 m", "GEORADIUS a 1 2 3 m STORE d", "GEORADIUSBYMEMBER a m 3 m STOREDIST d",
        "XREAD COUNT 1 BLOCK 5 STREAMS a b 0 0", "XREADGROUP GROUP g c COUNT 1 NOACK STREAMS a b > >",
        "MIGRATE h 1 a 0 10", "MIGRATE h 1 \"\" 0 10 COPY REPLACE KEYS a b", "MSETEX 2 a 1 b 2 NX",
    ];

    // Plain ones too, among them each form of position.
    private static readonly string[] FixedSamples =
    [
        "GET a", "MGET a b", "MSET a 1 b 2", "BITOP AND d a b", "BLPOP a b 0", "RENAME a b", "OBJECT ENCODING a", "XGROUP CREATE a g $", "XINFO STREAM a",
        "MEMORY USAGE a", "LCS a b", "SET a 1 EX 5", "COPY a b", "SUNIONSTORE d a b", "PFMERGE d a", "GEOSEARCHSTORE d a FROMLONLAT 1 2 BYRADIUS 1 m",
    ];

    public static TheoryData<string> Samples => [.. MovableSamples, .. FixedSamples];

    [Fact]
    public void TheTableHoldsEveryCommandOfTheServer()
    {
        string[] missing = [.. server.Commands.Keys.Where(name => !CommandTable.TryFind(name, out _))];
        Assert.True(missing.Length == 0, $"{server.Kind} {server.Version} has commands that the table lacks: {string.Join(", ", missing)}");
    }

    [Fact]
    public void TheTableAgreesWithTheServer()
    {
        List<string> differences = [];
        foreach ((string name, RespValue entry) in server.Commands)
        {
            if (!CommandTable.TryFind(name, out CommandInfo? info) || Differences.ContainsKey(info.Name)) continue;
            var flags = entry[2].Items.ToArray().Select(flag => flag.AsString()!).ToHashSet(StringComparer.Ordinal);
            bool hasKeys = (long)entry[3].AsInt64() > 0 || flags.Contains("movablekeys");
            bool readOnly = info.Is(CommandFlags.ReadOnly);
            if (flags.Contains("readonly") && !readOnly && !info.Is(CommandFlags.ChangesConnection)) differences.Add($"{name}: the server says readonly");
            if (flags.Contains("write") && readOnly) differences.Add($"{name}: the server says write");
            if (hasKeys && readOnly && !flags.Contains("readonly")) differences.Add($"{name}: has keys, and the server does not say readonly");
            if (flags.Contains("blocking") != info.Is(CommandFlags.Blocking)) differences.Add($"{name}: blocking on one side only");
            if (flags.Contains("movablekeys")) continue;

            int shift = name.Contains(' ', StringComparison.Ordinal) ? 2 : 1;
            (int first, int last, int step) = ((int)entry[3].AsInt64(), (int)entry[4].AsInt64(), (int)entry[5].AsInt64());
            KeySpec theirs = first == 0 ? KeySpec.None : new KeySpec(first - shift, last < 0 ? last : last - shift, step);
            if (theirs != info.Keys) differences.Add($"{name}: keys {info.Keys}, the server says {theirs}");
        }

        Assert.True(differences.Count == 0, $"{server.Kind} {server.Version}:\n{string.Join('\n', differences)}");
    }

    [Fact]
    public void EveryMovableCommandHasASample()
    {
        var samples = MovableSamples.Select(sample => sample[..sample.IndexOf(' ', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        string[] missing =
        [
            .. server.Commands
                .Where(command => command.Value[2].Items.ToArray().Any(flag => flag.AsString() == "movablekeys"))
                .Select(command => command.Key.ToUpperInvariant())
                .Where(name => !samples.Contains(name)),
        ];
        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task KeysAreWhereTheServerFindsThem(string sample)
    {
        string[] words = sample.Split(' ');
        RedisValue[] arguments = [.. words.Select(word => word == "\"\"" ? RedisValue.EmptyString : (RedisValue)word)];
        string name = CommandTable.TryFind(words[0], words[1], out CommandInfo? info) ? info.Name : throw new InvalidOperationException(sample);
        var command = new Command(info, arguments[(name.Contains(' ', StringComparison.Ordinal) ? 2 : 1)..]);
        Assert.True(CommandKeys.TryLocate(command, out KeyPositions positions));
        string[] ours = [.. Enumerable.Range(0, positions.Count).Select(i => command[positions[i]].ToString()).Order(StringComparer.Ordinal)];

        ValueTask<RespValue> AskAsync() => server.Redis.ExecuteAsync("COMMAND GETKEYS", arguments, default);
        if (server.Commands.ContainsKey(name))
        {
            await server.WhereKnownAsync("COMMAND GETKEYS", AskAsync, theirs =>
                Assert.Equal(theirs.Items.ToArray().Select(key => key.AsString()!).Order(StringComparer.Ordinal), ours));
        }
        else
        {
            await Assert.ThrowsAsync<RedisServerException>(async () => await AskAsync());
        }
    }
}
