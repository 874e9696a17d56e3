// String commands: values that count.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Commands on strings that hold a number.</summary>
public static class StringCounterCommands
{
    private static readonly CommandInfo Decrement = CommandTable.Get("DECR");
    private static readonly CommandInfo DecrementBy = CommandTable.Get("DECRBY");
    private static readonly CommandInfo Increment = CommandTable.Get("INCR");
    private static readonly CommandInfo IncrementBy = CommandTable.Get("INCRBY");
    private static readonly CommandInfo IncrementByDouble = CommandTable.Get("INCRBYFLOAT");

    extension(ICommandExecutor redis)
    {
        /// <summary>Adds to the integer a key holds; a missing key counts as 0 (<c>INCR</c>, <c>INCRBY</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">How much to add; may be negative.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The integer afterwards.</returns>
        /// <exception cref="RedisServerException">The value is no integer, or the sum does not fit into 64 bits.</exception>
        public ValueTask<long> StringIncrementAsync(RedisKey key, long value = 1, CancellationToken cancellationToken = default) =>
            value == 1
                ? redis.ExecuteAsync(new Command(Increment, Argument.Key(key)), Replies.Int64, cancellationToken)
                : redis.ExecuteAsync(new Command(IncrementBy, Argument.Key(key), value), Replies.Int64, cancellationToken);

        /// <summary>Adds to the number a key holds; a missing key counts as 0 (<c>INCRBYFLOAT</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">How much to add; may be negative.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The number afterwards; the server computes with 17 digits.</returns>
        /// <exception cref="ArgumentException">The value is infinite or no number.</exception>
        /// <exception cref="RedisServerException">The value is no number, or the sum would be infinite.</exception>
        public ValueTask<double> StringIncrementAsync(RedisKey key, double value, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(IncrementByDouble, Argument.Key(key), Argument.Finite(value)), Replies.Double, cancellationToken);

        /// <summary>Takes from the integer a key holds; a missing key counts as 0 (<c>DECR</c>, <c>DECRBY</c>).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">How much to take; may be negative.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The integer afterwards.</returns>
        /// <exception cref="RedisServerException">The value is no integer, or the difference does not fit into 64 bits.</exception>
        public ValueTask<long> StringDecrementAsync(RedisKey key, long value = 1, CancellationToken cancellationToken = default) =>
            value == 1
                ? redis.ExecuteAsync(new Command(Decrement, Argument.Key(key)), Replies.Int64, cancellationToken)
                : redis.ExecuteAsync(new Command(DecrementBy, Argument.Key(key), value), Replies.Int64, cancellationToken);

        /// <summary>Takes from the number a key holds; a missing key counts as 0 (<c>INCRBYFLOAT</c> of the negated value).</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">How much to take; may be negative.</param>
        /// <param name="cancellationToken">Gives the call up.</param>
        /// <returns>The number afterwards.</returns>
        /// <exception cref="ArgumentException">The value is infinite or no number.</exception>
        /// <exception cref="RedisServerException">The value is no number, or the difference would be infinite.</exception>
        public ValueTask<double> StringDecrementAsync(RedisKey key, double value, CancellationToken cancellationToken = default) =>
            redis.ExecuteAsync(new Command(IncrementByDouble, Argument.Key(key), -Argument.Finite(value)), Replies.Double, cancellationToken);
    }
}
