// Makes a command from a name and arguments that a person typed.
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal static class AnyCommand
{
    private const int LongestName = 64;

    // Letters, digits and what modules add to them; a space between the two words of a subcommand.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:|/+!@#$%&*?=~^ ");

    private static readonly UnknownCommands Unknown = new(most: 512);

    internal static Command Create(string command, ReadOnlySpan<RedisValue> arguments)
    {
        Check(command);
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].IsNull) throw new ArgumentException($"Argument {i} is null; RedisValue.EmptyString is an argument of no bytes.", nameof(arguments));
        }

        CommandInfo info = Find(command, arguments, out int used);
        Command made = ArgumentList.Of(info, arguments[used..]);
        RefusedCommands.ThrowIfRefused(made);
        return made;
    }

    private static CommandInfo Find(string name, ReadOnlySpan<RedisValue> arguments, out int used)
    {
        used = 0;
        if (arguments.IsEmpty) return CommandTable.TryFind(name, out CommandInfo? alone) ? alone : Unknown.Get(name);
        if (!FindInTable(name, arguments[0], out CommandInfo? found)) return Unknown.Get(name);
        used = found.NameTokens - WordsOf(name);
        return found;
    }

    [SkipLocalsInit]
    private static bool FindInTable(string name, in RedisValue first, [NotNullWhen(true)] out CommandInfo? info)
    {
        if (first.GetMaxEncodedLength() > LongestName) return CommandTable.TryFind(name, out info);
        Span<byte> bytes = stackalloc byte[LongestName];
        Span<char> characters = stackalloc char[LongestName];
        int length = Encoding.Latin1.GetChars(bytes[..first.WriteTo(bytes)], characters);
        return CommandTable.TryFind(name, characters[..length], out info);
    }

    private static int WordsOf(string name) => name.Contains(' ', StringComparison.Ordinal) ? 2 : 1;

    private static void Check(string command)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        if (command.Length > LongestName || command.AsSpan().ContainsAnyExcept(NameCharacters)
            || command[0] == ' ' || command[^1] == ' ' || command.AsSpan().Count(' ') > 1)
        {
            throw new ArgumentException($"'{Shown(command)}' is not the name of a command. Arguments are passed one by one behind it.", nameof(command));
        }

        RefusedCommands.ThrowIfTrap(command);
    }

    // Whoever passes a whole command line as the name may have a password in it.
    private static string Shown(string name)
    {
        int end = name.AsSpan().IndexOfAnyExcept(NameCharacters);
        int space = name.IndexOf(' ', StringComparison.Ordinal);
        int length = Math.Min(end < 0 ? name.Length : end, space < 0 ? name.Length : space);
        return string.Concat(name.AsSpan(0, Math.Min(length, LongestName)), length < name.Length ? "…" : "");
    }
}
