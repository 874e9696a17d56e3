// A command as a value: what it is and its arguments, so that it can be routed, redirected, sent again and traced without its caller.
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient.Protocol;

/// <summary>
/// A command and its arguments. The arguments are borrowed: they must stay unchanged until the ValueTask of the call
/// that sends them completes. Up to four arguments live inside the value, so that ordinary commands allocate nothing.
/// </summary>
public readonly struct Command
{
    private readonly RedisValue _first;
    private readonly RedisValue _second;
    private readonly RedisValue _third;
    private readonly RedisValue _fourth;
    private readonly RedisValue[]? _many;

    /// <summary>A command without arguments.</summary>
    public Command(CommandInfo info) => Info = info;

    /// <summary>A command with one argument.</summary>
    public Command(CommandInfo info, RedisValue first)
    {
        Info = info;
        _first = first;
        ArgumentCount = 1;
    }

    /// <summary>A command with two arguments.</summary>
    public Command(CommandInfo info, RedisValue first, RedisValue second)
    {
        Info = info;
        _first = first;
        _second = second;
        ArgumentCount = 2;
    }

    /// <summary>A command with three arguments.</summary>
    public Command(CommandInfo info, RedisValue first, RedisValue second, RedisValue third)
    {
        Info = info;
        _first = first;
        _second = second;
        _third = third;
        ArgumentCount = 3;
    }

    /// <summary>A command with four arguments.</summary>
    public Command(CommandInfo info, RedisValue first, RedisValue second, RedisValue third, RedisValue fourth)
    {
        Info = info;
        _first = first;
        _second = second;
        _third = third;
        _fourth = fourth;
        ArgumentCount = 4;
    }

    /// <summary>A command with any number of arguments; the array is kept, not copied.</summary>
    public Command(CommandInfo info, RedisValue[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Info = info;
        _many = arguments;
        ArgumentCount = arguments.Length;
    }

    /// <summary>What the command is.</summary>
    public CommandInfo Info { get; }

    /// <summary>How many arguments follow the name.</summary>
    public int ArgumentCount { get; }

    /// <summary>The argument at <paramref name="index"/>, counted from 0 behind the name.</summary>
    public RedisValue this[int index]
    {
        get
        {
            if ((uint)index >= (uint)ArgumentCount) throw new ArgumentOutOfRangeException(nameof(index));
            return Argument(index);
        }
    }

    /// <summary>The argument in place, unchecked beyond what the array itself checks: the encoder's way in, without copies.</summary>
    [UnscopedRef]
    internal ref readonly RedisValue Argument(int index)
    {
        if (_many is not null) return ref _many[index];
        switch (index)
        {
            case 0: return ref _first;
            case 1: return ref _second;
            case 2: return ref _third;
            default: return ref _fourth;
        }
    }

    /// <summary>The command's name; never its arguments, which may be secret.</summary>
    public override string ToString() => Info?.Name ?? "(none)";
}
