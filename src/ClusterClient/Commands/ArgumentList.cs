// Collects the arguments of a command that has options; up to four cost no allocation.
using System.Runtime.CompilerServices;
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal ref struct ArgumentList
{
    private Inline _inline;
    private RedisValue[]? _many;
    private int _count;

    internal readonly int Count => _count;

    internal void Add(in RedisValue argument)
    {
        if (_many is null && _count < Inline.Length)
        {
            _inline[_count++] = argument;
            return;
        }

        if (_many is null)
        {
            _many = new RedisValue[Inline.Length * 2];
            ((ReadOnlySpan<RedisValue>)_inline).CopyTo(_many);
        }
        else if (_count == _many.Length)
        {
            Array.Resize(ref _many, _count * 2);
        }

        _many[_count++] = argument;
    }

    internal void Add(in RedisValue word, in RedisValue argument)
    {
        Add(word);
        Add(argument);
    }

    internal readonly void CopyTo(Span<RedisValue> destination) =>
        (_many is null ? (ReadOnlySpan<RedisValue>)_inline : _many)[.._count].CopyTo(destination);

    internal Command ToCommand(CommandInfo info)
    {
        if (_many is not null)
        {
            Array.Resize(ref _many, _count);
            return new Command(info, _many);
        }

        return Of(info, ((ReadOnlySpan<RedisValue>)_inline)[.._count]);
    }

    // Few arguments live inside the command; the span is copied in any case.
    internal static Command Of(CommandInfo info, ReadOnlySpan<RedisValue> arguments) => arguments.Length switch
    {
        0 => new Command(info),
        1 => new Command(info, arguments[0]),
        2 => new Command(info, arguments[0], arguments[1]),
        3 => new Command(info, arguments[0], arguments[1], arguments[2]),
        4 => new Command(info, arguments[0], arguments[1], arguments[2], arguments[3]),
        _ => new Command(info, arguments.ToArray()),
    };

    [InlineArray(Length)]
    private struct Inline
    {
        internal const int Length = 4;

        private RedisValue _first;
    }
}
