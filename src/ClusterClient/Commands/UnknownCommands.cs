// Descriptors of commands the table does not know, one a name.
using System.Collections.Concurrent;
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

// A program has few names; a loop over made-up ones must not fill the memory, so a full cache starts over.
internal sealed class UnknownCommands(int most)
{
    private readonly ConcurrentDictionary<string, CommandInfo> _commands = new(StringComparer.OrdinalIgnoreCase);

    internal int Count => _commands.Count;

    // Without a place in the table its keys are the server's to tell.
    internal CommandInfo Get(string name)
    {
        if (_commands.TryGetValue(name, out CommandInfo? known)) return known;
        if (_commands.Count >= most) _commands.Clear();
        return _commands.GetOrAdd(name, static unknown => new CommandInfo(unknown, KeySpec.None, CommandFlags.MovableKeys));
    }
}
