// Where the keys of commands stand that only the server knows, asked once for each shape.
using System.Collections.Concurrent;
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>
/// COMMAND GETKEYS, for commands that the table does not know (modules, commands of newer servers). The answer is remembered for the
/// command's name and number of arguments. Should a shape have its keys elsewhere another time, the node that is asked
/// answers MOVED with the right slot, so a wrong memory costs a redirect and nothing else.
/// </summary>
internal sealed class KeyShapes
{
    private const int MaxShapes = 1024;

    private static readonly CommandInfo _getKeys = new("COMMAND GETKEYS", KeySpec.None, CommandFlags.ReadOnly | CommandFlags.AnyNode);
    private readonly ConcurrentDictionary<(string Name, int Arguments), int[]> _shapes = new();

    /// <summary>Whether the slot can be told without asking.</summary>
    /// <exception cref="CrossSlotException">The keys hash to different slots.</exception>
    internal bool TryGetSlot(in Command command, out int slot)
    {
        if (_shapes.TryGetValue((command.Info.Name, command.ArgumentCount), out int[]? positions))
        {
            slot = CommandSlot.Of(command, positions);
            return true;
        }

        slot = CommandSlot.Unknown;
        return false;
    }

    /// <summary>Asks a server, remembers the answer and gives the slot; <see cref="CommandSlot.None"/> when the command has no keys.</summary>
    /// <exception cref="CrossSlotException">The keys hash to different slots.</exception>
    internal async ValueTask<int> AskAsync(ICommandExecutor executor, Command command, CancellationToken cancellationToken)
    {
        string[] words = command.Info.Name.Split(' ');
        RedisValue[] arguments = new RedisValue[words.Length + command.ArgumentCount];
        for (int i = 0; i < words.Length; i++) arguments[i] = words[i];
        for (int i = 0; i < command.ArgumentCount; i++) arguments[words.Length + i] = command[i];
        int[] positions;
        try
        {
            RespValue keys = await executor.ExecuteAsync(new Command(_getKeys, arguments), TreeParser.Instance, cancellationToken).ConfigureAwait(false);
            positions = Locate(command, keys);
        }
        catch (RedisServerException answer) when (answer.Code is "ERR" or "NOPERM")
        {
            // Without keys, or unknown to this server, or COMMAND is not permitted: any node will do, or tell where it belongs, or refuse it.
            if (!answer.ServerMessage.Contains("no key arguments", StringComparison.OrdinalIgnoreCase)) return CommandSlot.None;
            positions = [];
        }

        if (_shapes.Count < MaxShapes) _shapes.TryAdd((command.Info.Name, command.ArgumentCount), positions);
        return CommandSlot.Of(command, positions);
    }

    /// <summary>Finds the keys that the server named among the arguments, in order.</summary>
    private static int[] Locate(in Command command, RespValue keys)
    {
        List<int> positions = [];
        int next = 0;
        foreach (RespValue key in keys.Items)
        {
            RedisValue wanted = key.AsRedisValue();
            for (int i = next; i < command.ArgumentCount; i++)
            {
                if (command[i] != wanted) continue;
                positions.Add(i);
                next = i + 1;
                break;
            }
        }

        return [.. positions];
    }
}
