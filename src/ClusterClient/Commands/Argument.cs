// Checks arguments before anything is sent.
using System.Runtime.CompilerServices;
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal static class Argument
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RedisValue Key(RedisKey key, [CallerArgumentExpression(nameof(key))] string name = "")
    {
        if (key.IsNull) ThrowNullKey(name);
        return key;
    }

    // A null value would go out as an empty string, which is not what anybody meant.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RedisValue Value(RedisValue value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value.IsNull) ThrowNullValue(name);
        return value;
    }

    internal static RedisValue Channel(RedisChannel channel, [CallerArgumentExpression(nameof(channel))] string name = "") =>
        channel.IsNull ? throw new ArgumentNullException(name, "A channel needs a name.") : channel.AsValue();

    internal static RedisValue[] Keys(ReadOnlySpan<RedisKey> keys, [CallerArgumentExpression(nameof(keys))] string name = "") =>
        Keys(keys, before: 0, name);

    // Leaves room for arguments in front.
    internal static RedisValue[] Keys(ReadOnlySpan<RedisKey> keys, int before, [CallerArgumentExpression(nameof(keys))] string name = "")
    {
        if (keys.IsEmpty) throw new ArgumentException("At least one key is needed.", name);
        var arguments = new RedisValue[before + keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i].IsNull) throw new ArgumentException($"The key at index {i} is null.", name);
            arguments[before + i] = keys[i];
        }

        return arguments;
    }

    internal static RedisValue NotNegative(long value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    internal static double Finite(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "A finite number is needed.");

    // Whole milliseconds, rounded up: what is shorter than one is not nothing.
    internal static long Milliseconds(TimeSpan time, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
        return (time.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
    }

    internal static ArgumentOutOfRangeException Unknown<T>(T value, string name)
        where T : struct, Enum => new(name, value, $"Not a value of {typeof(T).Name}.");

    private static void ThrowNullKey(string name) => throw new ArgumentNullException(name, "A key must not be null.");

    private static void ThrowNullValue(string name) =>
        throw new ArgumentNullException(name, "A value must not be null; RedisValue.EmptyString is a value of no bytes.");
}
