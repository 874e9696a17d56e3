// One step of BITFIELD.
using System.Globalization;
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>What happens when an integer grows out of its bits.</summary>
public enum BitFieldOverflow
{
    /// <summary>It wraps around.</summary>
    Wrap,

    /// <summary>It stays at its largest or smallest value (<c>SAT</c>).</summary>
    Saturate,

    /// <summary>It stays as it was, and the reply is null.</summary>
    Fail,
}

/// <summary>One step of <c>BITFIELD</c>: reads, sets or adds to an integer inside a string.</summary>
public readonly record struct BitFieldOperation
{
    private readonly Kind _kind;
    private readonly BitFieldType _type;
    private readonly long _offset;
    private readonly bool _isIndex;
    private readonly long _value;
    private readonly BitFieldOverflow _overflow;

    private BitFieldOperation(Kind kind, BitFieldType type, long offset, bool isIndex, long value, BitFieldOverflow overflow)
    {
        if (type.Bits == 0) throw new ArgumentException("The type is default; use BitFieldType.Signed or Unsigned.", nameof(type));
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (overflow is not (BitFieldOverflow.Wrap or BitFieldOverflow.Saturate or BitFieldOverflow.Fail)) throw Argument.Unknown(overflow, nameof(overflow));
        _kind = kind;
        _type = type;
        _offset = offset;
        _isIndex = isIndex;
        _value = value;
        _overflow = overflow;
    }

    private enum Kind
    {
        None,
        Get,
        Set,
        Increment,
    }

    internal bool IsDefault => _kind == Kind.None;

    internal bool IsRead => _kind == Kind.Get;

    /// <summary>Reads an integer.</summary>
    /// <param name="type">Its width and kind.</param>
    /// <param name="offset">Where it starts: a bit, or with <paramref name="isIndex"/> a multiple of its width.</param>
    /// <param name="isIndex">Whether the string is seen as an array of such integers and the offset is an index.</param>
    public static BitFieldOperation Get(BitFieldType type, long offset, bool isIndex = false) =>
        new(Kind.Get, type, offset, isIndex, 0, BitFieldOverflow.Wrap);

    /// <summary>Sets an integer; the reply is its old value.</summary>
    /// <param name="type">Its width and kind.</param>
    /// <param name="offset">Where it starts: a bit, or with <paramref name="isIndex"/> a multiple of its width.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="isIndex">Whether the string is seen as an array of such integers and the offset is an index.</param>
    /// <param name="overflow">What happens when the value does not fit.</param>
    public static BitFieldOperation Set(
        BitFieldType type, long offset, long value, bool isIndex = false, BitFieldOverflow overflow = BitFieldOverflow.Wrap) =>
        new(Kind.Set, type, offset, isIndex, value, overflow);

    /// <summary>Adds to an integer; the reply is its new value.</summary>
    /// <param name="type">Its width and kind.</param>
    /// <param name="offset">Where it starts: a bit, or with <paramref name="isIndex"/> a multiple of its width.</param>
    /// <param name="value">How much to add; may be negative.</param>
    /// <param name="isIndex">Whether the string is seen as an array of such integers and the offset is an index.</param>
    /// <param name="overflow">What happens when the sum does not fit.</param>
    public static BitFieldOperation Increment(
        BitFieldType type, long offset, long value, bool isIndex = false, BitFieldOverflow overflow = BitFieldOverflow.Wrap) =>
        new(Kind.Increment, type, offset, isIndex, value, overflow);

    // OVERFLOW holds for all that follow, so it is sent only where it changes.
    internal void AddTo(ref ArgumentList arguments, ref BitFieldOverflow overflow)
    {
        if (_kind != Kind.Get && _overflow != overflow)
        {
            arguments.Add(Words.Overflow, _overflow switch { BitFieldOverflow.Wrap => "WRAP", BitFieldOverflow.Saturate => "SAT", _ => "FAIL" });
            overflow = _overflow;
        }

        arguments.Add(_kind switch { Kind.Get => Words.Get, Kind.Set => Words.Set, _ => Words.Increment }, _type.ToString());
        arguments.Add(_isIndex ? string.Create(CultureInfo.InvariantCulture, $"#{_offset}") : _offset);
        if (_kind != Kind.Get) arguments.Add(_value);
    }
}
