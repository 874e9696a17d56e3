// How BITOP combines bits.
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>How <c>BITOP</c> combines the bits of several strings.</summary>
public enum BitwiseOperation
{
    /// <summary>1 where all are 1.</summary>
    And,

    /// <summary>1 where any is 1.</summary>
    Or,

    /// <summary>1 where an odd number are 1.</summary>
    Xor,

    /// <summary>1 where the only one is 0.</summary>
    Not,

    /// <summary>1 where the first is 1 and no other is (Redis 8.2).</summary>
    Diff,

    /// <summary>1 where the first is 0 and any other is 1 (Redis 8.2).</summary>
    Diff1,

    /// <summary>1 where the first is 1 and any other is too (Redis 8.2).</summary>
    AndOr,

    /// <summary>1 where exactly one is 1 (Redis 8.2).</summary>
    One,
}

internal static class BitwiseOperations
{
    private static readonly RedisValue[] Names =
        [Words.Of("AND"), Words.Of("OR"), Words.Of("XOR"), Words.Of("NOT"), Words.Of("DIFF"), Words.Of("DIFF1"), Words.Of("ANDOR"), Words.Of("ONE")];

    internal static RedisValue Word(BitwiseOperation operation) =>
        (uint)operation < (uint)Names.Length ? Names[(int)operation] : throw Argument.Unknown(operation, nameof(operation));

    internal static void CheckCount(BitwiseOperation operation, int count, string name)
    {
        if (operation == BitwiseOperation.Not && count != 1) throw new ArgumentException("NOT takes exactly one key.", name);
        if (operation is BitwiseOperation.Diff or BitwiseOperation.Diff1 or BitwiseOperation.AndOr && count < 2)
        {
            throw new ArgumentException($"{operation} compares the first key with others: two or more are needed.", name);
        }
    }
}
