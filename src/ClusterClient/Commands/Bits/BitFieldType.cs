// The width and kind of an integer inside a string.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClusterClient;

/// <summary>The width and kind of an integer inside a string.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "Signed and Unsigned are the protocol's own distinction.")]
public readonly record struct BitFieldType
{
    private BitFieldType(bool signed, int bits)
    {
        IsSigned = signed;
        Bits = bits;
    }

    /// <summary>Whether it has a sign.</summary>
    public bool IsSigned { get; }

    /// <summary>How many bits it has.</summary>
    public int Bits { get; }

    /// <summary>An integer with a sign, in two's complement.</summary>
    /// <param name="bits">From 1 to 64.</param>
    public static BitFieldType Signed(int bits) => new(true, InRange(bits, 64));

    /// <summary>An integer without a sign.</summary>
    /// <param name="bits">From 1 to 63: the protocol has no 64-bit integers without sign.</param>
    public static BitFieldType Unsigned(int bits) => new(false, InRange(bits, 63));

    /// <summary>As the servers write it: <c>i16</c>, <c>u8</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsSigned ? 'i' : 'u')}{Bits}");

    private static int InRange(int bits, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, most);
        return bits;
    }
}
