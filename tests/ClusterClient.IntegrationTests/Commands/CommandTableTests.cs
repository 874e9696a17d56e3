// The command table against what real servers say of their commands. Every deliberate difference is stated here, with its reason.
using ClusterClient.Protocol;
using ClusterClient.Testing;

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
        ["GETIFNOTMATCH"] = "Garnet says nothing of it; it only reads",
        ["COMMITAOF"] = "Garnet says its first argument is a key; it is none",
        ["EXPDELSCAN"] = "Garnet says its first argument is a key; it is none",
        ["REGISTERCS"] = "Garnet says its first argument is a key; it is none",
        ["RUNTXP"] = "Garnet says its first argument is a key; it is the procedure's number, and only Garnet knows the procedure's keys",
    };

    // Commands that are no business of a client, which the table leaves out.
    private static readonly string[] LeftOut =
    [
        // What Garnet's nodes say to each other.
        "CLUSTER ADVANCE_TIME", "CLUSTER APPENDLOG", "CLUSTER ATTACH_SYNC", "CLUSTER BEGIN_REPLICA_RECOVER", "CLUSTER FAILREPLICATIONOFFSET",
        "CLUSTER FAILSTOPWRITES", "CLUSTER GOSSIP", "CLUSTER INITIATE_REPLICA_SYNC", "CLUSTER MIGRATE", "CLUSTER MLOG_KEY_TIME", "CLUSTER PUBLISH",
        "CLUSTER RESERVE", "CLUSTER SEND_CKPT_FILE_SEGMENT", "CLUSTER SEND_CKPT_METADATA", "CLUSTER SNAPSHOT_DATA", "CLUSTER SPUBLISH", "CLUSTER SYNC",

        // Garnet's samples of procedures written by users.
        "READWRITETX", "SETIFPM",
    ];

    // What Garnet 2.2 says in place of the keys: it does not look behind subcommands, and takes the name of GEORADIUS for a key.
    private static readonly Dictionary<string, string> GarnetSays = new(StringComparer.Ordinal)
    {
        ["OBJECT ENCODING a"] = "The command has no key arguments",
        ["MEMORY USAGE a"] = "The command has no key arguments",
        ["XGROUP CREATE a g $"] = "Invalid command specified",
        ["XINFO STREAM a"] = "Invalid command specified",
        ["GEORADIUS a 1 2 3 m STORE d"] = "GEORADIUS a d",
        ["GEORADIUSBYMEMBER a m 3 m STOREDIST d"] = "GEORADIUSBYMEMBER a d",
    };

    // Garnet 2.2 hangs up on whoever asks for the key of this.
    private const string GarnetHangsUpOn = "MIGRATE h 1 a 0 10";

    /// <summary>A line for each command whose keys positions cannot tell, and for each form of position; and its keys.</summary>
    public static TheoryData<string, string> Samples => new()
    {
        { "EVAL s 2 a b c", "a b" },
        { "EVALSHA s 1 a b", "a" },
        { "EVAL_RO s 1 a", "a" },
        { "EVALSHA_RO s 1 a", "a" },
        { "FCALL f 2 a b", "a b" },
        { "FCALL_RO f 1 a", "a" },
        { "LMPOP 2 a b LEFT", "a b" },
        { "BLMPOP 0 2 a b LEFT COUNT 1", "a b" },
        { "ZMPOP 2 a b MIN", "a b" },
        { "BZMPOP 0 1 a MIN", "a" },
        { "SINTERCARD 2 a b LIMIT 1", "a b" },
        { "ZINTERCARD 1 a", "a" },
        { "ZDIFF 2 a b", "a b" },
        { "ZINTER 2 a b WITHSCORES", "a b" },
        { "ZUNION 2 a b WEIGHTS 1 2", "a b" },
        { "ZDIFFSTORE d 2 a b", "a b d" },
        { "ZINTERSTORE d 1 a", "a d" },
        { "ZUNIONSTORE d 2 a b WEIGHTS 1 2", "a b d" },
        { "SORT a", "a" },
        { "SORT a BY nosort LIMIT 0 5 STORE d", "a d" },
        { "SORT_RO a BY nosort", "a" },
        { "GEORADIUS a 1 2 3 m", "a" },
        { "GEORADIUS a 1 2 3 m STORE d", "a d" },
        { "GEORADIUSBYMEMBER a m 3 m STOREDIST d", "a d" },
        { "XREAD COUNT 1 BLOCK 5 STREAMS a b 0 0", "a b" },
        { "XREADGROUP GROUP g c COUNT 1 NOACK STREAMS a b > >", "a b" },
        { "MIGRATE h 1 a 0 10", "a" },
        { "MIGRATE h 1 \"\" 0 10 COPY REPLACE KEYS a b", "a b" },
        { "MSETEX 2 a 1 b 2 NX", "a b" },
        { "GET a", "a" },
        { "SET a 1 EX 5", "a" },
        { "MGET a b", "a b" },
        { "MSET a 1 b 2", "a b" },
        { "BITOP AND d a b", "a b d" },
        { "BLPOP a b 0", "a b" },
        { "RENAME a b", "a b" },
        { "LCS a b", "a b" },
        { "COPY a b", "a b" },
        { "SUNIONSTORE d a b", "a b d" },
        { "PFMERGE d a", "a d" },
        { "GEOSEARCHSTORE d a FROMLONLAT 1 2 BYRADIUS 1 m", "a d" },
        { "OBJECT ENCODING a", "a" },
        { "XGROUP CREATE a g $", "a" },
        { "XINFO STREAM a", "a" },
        { "MEMORY USAGE a", "a" },
    };

    [Fact]
    public void TheTableHoldsEveryCommandOfTheServer()
    {
        string[] missing = [.. server.Commands.Keys.Where(name => !CommandTable.TryFind(name, out _) && !LeftOut.Contains(name, StringComparer.OrdinalIgnoreCase))];
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
        var samples = Samples.Select(row => ((string)row[0]).Split(' ')[0]).ToHashSet(StringComparer.Ordinal);
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
    public async Task KeysAreWhereTheServerFindsThem(string sample, string expected)
    {
        string[] words = sample.Split(' ');
        RedisValue[] arguments = [.. words.Select(word => word == "\"\"" ? RedisValue.EmptyString : (RedisValue)word)];
        string name = CommandTable.TryFind(words[0], words[1], out CommandInfo? info) ? info.Name : throw new InvalidOperationException(sample);
        var command = new Command(info, arguments[(name.Contains(' ', StringComparison.Ordinal) ? 2 : 1)..]);
        Assert.True(CommandKeys.TryLocate(command, out KeyPositions positions));
        string[] keys = expected.Split(' ');
        Assert.Equal(keys, Enumerable.Range(0, positions.Count).Select(i => command[positions[i]].ToString()).Order(StringComparer.Ordinal));

        if (server.Kind == ServerKind.Garnet && sample == GarnetHangsUpOn)
        {
            // It only reads, so the client asks again and again; the deadline ends that, and the next caller is served.
            IRedisView brief = server.Redis.WithTimeout(TimeSpan.FromSeconds(1));
            RedisException end = await Assert.ThrowsAnyAsync<RedisException>(async () => await brief.ExecuteAsync("COMMAND GETKEYS", arguments, default));
            Assert.True(end is RedisTimeoutException or RedisConnectionException, end.ToString());
            Assert.Equal("still here", await server.Redis.EchoAsync("still here"));
            return;
        }

        if (server.Kind == ServerKind.Garnet && GarnetSays.TryGetValue(sample, out string? said))
        {
            Assert.Equal(said, await AnswerAsync(arguments));
            return;
        }

        await server.WhereKnownAsync(name, () => server.Redis.ExecuteAsync("COMMAND GETKEYS", arguments, default), theirs => Assert.Equal(keys, Texts(theirs)));
    }

    private async Task<string> AnswerAsync(RedisValue[] arguments)
    {
        try
        {
            return string.Join(' ', Texts(await server.Redis.ExecuteAsync("COMMAND GETKEYS", arguments, default)));
        }
        catch (RedisServerException refusal)
        {
            return refusal.ServerMessage;
        }
    }

    private static string[] Texts(RespValue keys) => [.. keys.Items.ToArray().Select(key => key.AsString()!).Order(StringComparer.Ordinal)];
}
