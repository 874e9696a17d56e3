// The cluster specification's rule that gives every key its hash slot.
using System.Runtime.CompilerServices;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Hash slots: CRC16 of the key, or of its hash tag, modulo 16384 (the Redis cluster specification).</summary>
public static class HashSlot
{
    /// <summary>How many slots a cluster has.</summary>
    public const int Count = 16384;

    /// <summary>The slot of a key, as <c>CLUSTER KEYSLOT</c> gives it. Allocates nothing.</summary>
    /// <param name="key">The key; a null key counts as empty (slot 0).</param>
    /// <returns>A number from 0 to 16383.</returns>
    [SkipLocalsInit]
    public static int Of(RedisKey key)
    {
        using var bytes = new PayloadBytes(key.Payload, stackalloc byte[PayloadBytes.ScratchLength]);
        return Of(bytes.Span);
    }

    /// <summary>The slot of a key that stands among a command's arguments.</summary>
    [SkipLocalsInit]
    internal static int Of(in RedisValue argument)
    {
        using var bytes = new PayloadBytes(argument.Payload, stackalloc byte[PayloadBytes.ScratchLength]);
        return Of(bytes.Span);
    }

    /// <summary>The slot of a key, as <c>CLUSTER KEYSLOT</c> gives it.</summary>
    /// <param name="key">The key's bytes as they go on the wire.</param>
    /// <returns>A number from 0 to 16383.</returns>
    public static int Of(ReadOnlySpan<byte> key) => Crc16.Compute(HashTag(key)) & (Count - 1);

    // What is between the first '{' and the first '}' after it, if that is anything at all; else the whole key.
    private static ReadOnlySpan<byte> HashTag(ReadOnlySpan<byte> key)
    {
        int open = key.IndexOf((byte)'{');
        if (open < 0)
        {
            return key;
        }

        ReadOnlySpan<byte> rest = key[(open + 1)..];
        int length = rest.IndexOf((byte)'}');
        return length > 0 ? rest[..length] : key;
    }
}
