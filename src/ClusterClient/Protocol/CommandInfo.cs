// The descriptor of one command: name, pre-encoded name tokens, key positions, flags, and where it goes without keys.
using System.Text;

namespace ClusterClient.Protocol;

/// <summary>What a command is: one immutable descriptor per command name, shared by every call.</summary>
public sealed class CommandInfo
{
    /// <summary>Describes a command. For one that the table knows by its name, the table says how it is cut, or sent to several nodes of a cluster.</summary>
    /// <param name="name">The name as written by a person; words of a container command are separated by a space (<c>OBJECT ENCODING</c>).</param>
    /// <param name="keys">Where its keys stand.</param>
    /// <param name="flags">What it is.</param>
    /// <exception cref="ArgumentException">The name is empty, or the keys' step is not positive (as in <c>default</c>).</exception>
    public CommandInfo(string name, KeySpec keys, CommandFlags flags)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (keys.Step < 1) throw new ArgumentException("The step from key to key must be 1 or more; use KeySpec.None for a command without keys.", nameof(keys));
        Keys = keys;
        Flags = flags;
        (Name, NameTokens, EncodedName) = Encode(name);
        MayReadFromReplica = IsReadOfKeys(keys, flags);
        Route = KeylessRoute.AnyMaster;
        if (!CommandTable.TryFind(Name, out CommandInfo? known)) return;
        Route = known.Route;
        Join = known.Join;
        if (keys == known.Keys) (SplitStride, SplitJoin) = (known.SplitStride, known.SplitJoin);
    }

    /// <summary>A command of the table, whose row says everything.</summary>
    internal CommandInfo(string name, in CommandRow row)
    {
        Keys = row.Keys;
        Flags = row.Flags;
        MayReadFromReplica = IsReadOfKeys(row.Keys, row.Flags);
        (Name, NameTokens, EncodedName) = Encode(name);
        Finder = row.Finder;
        IsContainer = row.IsContainer;
        Route = row.Route;
        Join = row.Join;
        SplitJoin = row.Split;
        if (row.Split != SplitJoin.None) SplitStride = row.Keys.Step;
    }

    /// <summary>The name in upper case, words separated by one space.</summary>
    public string Name { get; }

    /// <summary>Where its keys stand.</summary>
    public KeySpec Keys { get; }

    /// <summary>What it is.</summary>
    public CommandFlags Flags { get; }

    /// <summary>How many bulk strings the name takes on the wire.</summary>
    internal int NameTokens { get; }

    /// <summary>The name's bulk strings, ready to copy behind the array header.</summary>
    internal byte[] EncodedName { get; }

    /// <summary>How many arguments belong to each key of a command that may be cut into one command a slot; 0 for one that may not.</summary>
    internal int SplitStride { get; }

    /// <summary>
    /// Whether a read policy may send it to a replica: it changes nothing, names a key, and holds no cursor of one process. What has no key is about a
    /// server, or about all the data there is, and stays with the masters.
    /// </summary>
    internal bool MayReadFromReplica { get; }

    /// <summary>How the replies become one when it was cut.</summary>
    internal SplitJoin SplitJoin { get; }

    /// <summary>Where it goes in a cluster when it has no keys.</summary>
    internal KeylessRoute Route { get; }

    /// <summary>How the replies become one when it goes to several nodes.</summary>
    internal KeylessJoin Join { get; }

    /// <summary>Finds the keys of a command flagged <see cref="CommandFlags.MovableKeys"/>; null when only the server can.</summary>
    internal KeyFinder? Finder { get; }

    /// <summary>Whether the name alone is not yet a command: its first argument is a subcommand.</summary>
    internal bool IsContainer { get; }

    /// <summary>Whether every bit of <paramref name="flag"/> is set.</summary>
    public bool Is(CommandFlags flag) => (Flags & flag) == flag;

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static (string Name, int Tokens, byte[] Encoded) Encode(string name)
    {
        string[] words = name.ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string encoded = string.Concat(words.Select(static w => $"${Encoding.UTF8.GetByteCount(w)}\r\n{w}\r\n"));
        return (string.Join(' ', words), words.Length, Encoding.UTF8.GetBytes(encoded));
    }

    private static bool IsReadOfKeys(KeySpec keys, CommandFlags flags)
        => (flags & (CommandFlags.ReadOnly | CommandFlags.ProcessBound)) == CommandFlags.ReadOnly && (keys.HasKeys || (flags & CommandFlags.MovableKeys) != CommandFlags.None);
}
