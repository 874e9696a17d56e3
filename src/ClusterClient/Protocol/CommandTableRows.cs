// Reads the rows of the command table.
//
// A row is: KEYS FLAGS NAME…     or, for subcommands:     KEYS FLAGS CONTAINER: NAME…
// and a row of containers themselves has the flag "container". Lines that start with # are comments.
//
// KEYS, counted over the arguments behind the name (behind both words of a subcommand):
//   -          none                            0..-1      from the first to the last
//   0          the first                       0..-1/2    every second of them
//   1#0        as many as argument 0 says, from argument 1 on (1#0/2: every second)
//   0,2#1      argument 0, and as many as argument 1 says, from argument 2 on
//   0,STORE    argument 0, and what stands behind the word STORE (or STOREDIST)
//   2,KEYS     argument 2, or when that is empty all behind the word KEYS
//   STREAMS    the first half of all behind the word STREAMS
//   ?          unknown: the server is asked
//
// FLAGS are separated by commas. "split": may be cut into one command a slot (SplitJoin; =union =intersection =size =difference for sets, sorted-… for sorted ones). Every row without keys has one of these, which say where it
// goes in a cluster (KeylessRoute), unless the shared connection refuses it; behind = stands how the replies become one (KeylessJoin):
//   any        any node                        masters    every master
//   master     any master                      keyspace   every master, for its keys
//   pinned     the caller must say where       nodes      every node
//   =sum  =and  =union  =pick  =sums           nothing: they are alike, and the first is given
using System.Globalization;

namespace ClusterClient.Protocol;

internal static class CommandTableRows
{
    internal static IEnumerable<CommandInfo> Read(string rows)
    {
        foreach (string line in rows.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#') continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            CommandRow row = ReadRow(words[0], words[1]);
            if (row.Route == KeylessRoute.None && words[0] is "-" && (row.Flags & (CommandFlags.ChangesConnection | CommandFlags.Blocking)) == CommandFlags.None)
                throw new FormatException($"The command table does not say where {line} goes in a cluster.");
            string prefix = words[2].EndsWith(':') ? words[2][..^1] + " " : "";
            for (int i = prefix.Length == 0 ? 2 : 3; i < words.Length; i++) yield return new CommandInfo(prefix + words[i], row);
        }
    }

    private static (KeySpec Keys, KeyFinder? Finder) ReadKeys(string text)
    {
        switch (text)
        {
            case "-" or "?": return (KeySpec.None, null);
            case "0,2#1": return (KeySpec.Single, KeyFinder.DestinationAndCounted);
            case "0,STORE": return (KeySpec.Single, KeyFinder.SourceAndStore);
            case "2,KEYS": return (KeySpec.None, KeyFinder.Migrate);
            case "STREAMS": return (KeySpec.None, KeyFinder.Streams);
        }

        string[] positionsAndStep = text.Split('/');
        int step = positionsAndStep.Length == 1 ? 1 : Number(positionsAndStep[1]);
        string[] counted = positionsAndStep[0].Split('#');
        if (counted.Length == 2) return (new KeySpec(Number(counted[0]), -1, step, Number(counted[1])), null);

        string[] range = positionsAndStep[0].Split("..");
        int first = Number(range[0]);
        return (new KeySpec(first, range.Length == 1 ? first : Number(range[1]), step), null);
    }

    private static CommandRow ReadRow(string keyText, string flagText)
    {
        (KeySpec keys, KeyFinder? finder) = ReadKeys(keyText);
        CommandFlags flags = finder is not null || keyText is "?" ? CommandFlags.MovableKeys : CommandFlags.None;
        var route = KeylessRoute.None;
        var join = KeylessJoin.First;
        bool isContainer = false;
        var split = SplitJoin.None;
        foreach (string flag in flagText.Split(','))
        {
            string[] wordAndJoin = flag.Split('=');
            if (wordAndJoin.Length == 2 && wordAndJoin[0] is not "split") join = ReadJoin(wordAndJoin[1]);
            switch (wordAndJoin[0])
            {
                case "write": break;
                case "read": flags |= CommandFlags.ReadOnly; break;
                case "idempotent": flags |= CommandFlags.Idempotent; break;
                case "blocking": flags |= CommandFlags.Blocking; break;
                case "connection": flags |= CommandFlags.ChangesConnection; break;
                case "cursor": flags |= CommandFlags.ProcessBound; break;
                case "script": flags |= CommandFlags.Script; break;
                case "container": isContainer = true; break;
                case "split": split = wordAndJoin.Length == 2 ? ReadSplit(wordAndJoin[1]) : SplitJoin.ByKey; break;
                case "any": (flags, route) = (flags | CommandFlags.AnyNode, KeylessRoute.AnyNode); break;
                case "master": route = KeylessRoute.AnyMaster; break;
                case "masters": route = KeylessRoute.AllMasters; break;
                case "keyspace": route = KeylessRoute.Keyspace; break;
                case "nodes": route = KeylessRoute.AllNodes; break;
                case "pinned": route = KeylessRoute.Pinned; break;
                default: throw new FormatException($"The command table has an unknown flag '{flag}'.");
            }
        }

        return new(keys, finder, flags, route, join, split, isContainer);
    }

    private static SplitJoin ReadSplit(string text) => text switch
    {
        "union" => SplitJoin.Union,
        "intersection" => SplitJoin.Intersection,
        "size" => SplitJoin.IntersectionSize,
        "difference" => SplitJoin.Difference,
        "sorted-size" => SplitJoin.SortedIntersectionSize,
        "sorted-difference" => SplitJoin.SortedDifference,
        _ => throw new FormatException($"The command table has an unknown way to split, '{text}'."),
    };

    private static KeylessJoin ReadJoin(string text) => text switch
    {
        "sum" => KeylessJoin.Sum,
        "and" => KeylessJoin.And,
        "union" => KeylessJoin.Union,
        "pick" => KeylessJoin.Pick,
        "sums" => KeylessJoin.SumByName,
        _ => throw new FormatException($"The command table has an unknown join '{text}'."),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
