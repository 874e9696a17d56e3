// The one table of what each command is: looked up by name, without allocation.
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient.Protocol;

/// <summary>
/// Every command of Redis 8, Valkey 9, Garnet and their usual modules: key positions and flags. A command that is not in it is
/// still sent; its keys are asked of the server (<c>COMMAND GETKEYS</c>).
/// </summary>
public static class CommandTable
{
    // The longest name of a container and its subcommand is under 40 characters; what is longer is no command.
    private const int MaxNameLength = 64;

    private static readonly FrozenDictionary<string, CommandInfo> Commands = Read();

    private static readonly FrozenDictionary<string, CommandInfo>.AlternateLookup<ReadOnlySpan<char>> ByName =
        Commands.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Every command known, in no order.</summary>
    public static IReadOnlyCollection<CommandInfo> All => Commands.Values;

    /// <summary>Finds a command by its name: <c>GET</c>, or both words of a subcommand separated by one space (<c>OBJECT ENCODING</c>).</summary>
    /// <param name="name">The name, in upper or lower case.</param>
    /// <param name="command">The descriptor.</param>
    /// <returns>Whether the table knows it.</returns>
    public static bool TryFind(ReadOnlySpan<char> name, [MaybeNullWhen(false)] out CommandInfo command) =>
        ByName.TryGetValue(name, out command);

    /// <summary>Finds a command by its name and the argument behind it, which for a container command is the subcommand.</summary>
    /// <param name="name">The first word, in upper or lower case.</param>
    /// <param name="subcommand">The argument behind the name; empty when there is none.</param>
    /// <param name="command">
    /// The subcommand's descriptor, which has both words in its name (its arguments start behind them), or else the first word's.
    /// </param>
    /// <returns>Whether the table knows it.</returns>
    public static bool TryFind(ReadOnlySpan<char> name, ReadOnlySpan<char> subcommand, [MaybeNullWhen(false)] out CommandInfo command)
    {
        if (!ByName.TryGetValue(name, out command)) return false;
        if (!command.IsContainer || name.Length + 1 + subcommand.Length > MaxNameLength) return true;

        Span<char> both = stackalloc char[MaxNameLength];
        name.CopyTo(both);
        both[name.Length] = ' ';
        subcommand.CopyTo(both[(name.Length + 1)..]);
        if (ByName.TryGetValue(both[..(name.Length + 1 + subcommand.Length)], out CommandInfo? found)) command = found;
        return true;
    }

    // For the typed commands: a name that is missing here is a mistake in this library, found by its first test.
    internal static CommandInfo Get(string name) => Commands[name];

    private static FrozenDictionary<string, CommandInfo> Read()
    {
        var commands = new List<CommandInfo>(capacity: 700);
        commands.AddRange(CommandTableRows.Read(CommandTableStrings.Rows));
        commands.AddRange(CommandTableRows.Read(CommandTableCollections.Rows));
        commands.AddRange(CommandTableRows.Read(CommandTableServer.Rows));
        commands.AddRange(CommandTableRows.Read(CommandTableModules.Rows));
        commands.AddRange(CommandTableRows.Read(CommandTableGarnet.Rows));
        return commands.ToFrozenDictionary(static command => command.Name, StringComparer.OrdinalIgnoreCase);
    }
}
