// Bitmap commands: strings seen as rows of bits.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on strings as rows of bits; bit 0 is the highest bit of the first byte.</summary>
public static class BitCommands
{
    // Strings are at most 512 MiB by default; the servers check their own limit.
    private const long MaxOffset = (1L << 35) - 1;

    private static readonly CommandInfo Count = CommandTable.Get("BITCOUNT");
    private static readonly CommandInfo Get = CommandTable.Get("GETBIT");
    private static readonly CommandInfo Operate = CommandTable.Get("BITOP");
    private static readonly CommandInfo Position = CommandTable.Get("BITPOS");
    private static readonly CommandInfo Set = CommandTable.Get("SETBIT");

    extension(ICommandExecutor redis)
    {
        /// <summary>Gets a bit (<c>GETBIT</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="offset">The bit's index; what lies beyond the value is 0.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<bool> StringGetBitAsync(RedisKey key, long offset, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Get, Argument.Key(key), Offset(offset)), Replies.Boolean, cancellationToken);

        /// <summary>Sets a bit; the value grows to hold it (<c>SETBIT</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="offset">The bit's index.</param>
        /// <param name="bit">What it becomes.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>What it was.</returns>
        public ValueTask<bool> StringSetBitAsync(RedisKey key, long offset, bool bit, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(Set, Argument.Key(key), Offset(offset), bit), Replies.Boolean, cancellationToken);

        /// <summary>Counts the bits that are 1 (<c>BITCOUNT</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="start">The first byte or bit to look at; negative counts from the end.</param>
        /// <param name="end">The last one.</param>
        /// <param name="indexType">Whether start and end are bytes or (Redis 7.0) bits.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        public ValueTask<long> StringBitCountAsync(
            RedisKey key, long start = 0, long end = -1, StringIndexType indexType = StringIndexType.Byte, CancellationToken cancellationToken = default)
        {
            RedisValue name = Argument.Key(key);
            Command command = start == 0 && end == -1 ? new Command(Count, name)
                : Unit(indexType) is { IsNull: false } unit ? new Command(Count, name, start, end, unit)
                : new Command(Count, name, start, end);
            return redis.ExecuteAsync(command, Replies.Int64, cancellationToken);
        }

        /// <summary>Finds the first bit that is 1, or 0 (<c>BITPOS</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="bit">The bit to look for.</param>
        /// <param name="start">The first byte or bit to look at; negative counts from the end.</param>
        /// <param name="end">
        /// The last one; null for the end of the value. A 0 that is looked for without an end is found right behind a value of ones.
        /// </param>
        /// <param name="indexType">Whether start and end are bytes or (Redis 7.0, needs <paramref name="end"/>) bits.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The bit's index from the start of the value; −1 when there is none.</returns>
        /// <exception cref="ArgumentException">Bits are to be counted, and there is no end.</exception>
        public ValueTask<long> StringBitPositionAsync(
            RedisKey key, bool bit, long start = 0, long? end = null, StringIndexType indexType = StringIndexType.Byte, CancellationToken cancellationToken = default)
        {
            var arguments = default(ArgumentList);
            arguments.Add(Argument.Key(key), bit);
            if (start != 0 || end is not null) arguments.Add(start);
            if (end is { } last) arguments.Add(last);
            if (Unit(indexType) is { IsNull: false } unit)
            {
                if (end is null) throw new ArgumentException("A range of bits needs its end (−1 is the last bit).", nameof(end));
                arguments.Add(unit);
            }

            return redis.ExecuteAsync(arguments.ToCommand(Position), Replies.Int64, cancellationToken);
        }

        /// <summary>Combines values bit by bit and stores the result (<c>BITOP</c>); shorter values count as filled up with zeros.</summary>
        /// <param name="operation">How to combine them.</param>
        /// <param name="destination">The key that gets the result; it is deleted when the result is empty.</param>
        /// <param name="keys">The values' keys; in a cluster all of the destination's slot. One for <see cref="BitwiseOperation.Not"/>, two or more for the difference.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The length of the result in bytes.</returns>
        /// <exception cref="ArgumentException">There are too few or too many keys, or one is null.</exception>
        public ValueTask<long> StringBitOperationAsync(
            BitwiseOperation operation, RedisKey destination, ReadOnlySpan<RedisKey> keys, CancellationToken cancellationToken = default)
        {
            RedisValue[] arguments = Argument.Keys(keys, before: 2);
            arguments[0] = BitwiseOperations.Word(operation);
            arguments[1] = Argument.Key(destination);
            BitwiseOperations.CheckCount(operation, keys.Length, nameof(keys));
            return redis.ExecuteAsync(new Command(Operate, arguments), Replies.Int64, cancellationToken);
        }
    }

    private static RedisValue Offset(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, MaxOffset);
        return offset;
    }

    // Bytes are the default, and all that servers before 7.0 know.
    private static RedisValue Unit(StringIndexType indexType) => indexType switch
    {
        StringIndexType.Byte => RedisValue.Null,
        StringIndexType.Bit => Words.Bit,
        _ => throw Argument.Unknown(indexType, nameof(indexType)),
    };
}
