// Sixteen bytes that hold a key or a value of any kind: what RedisKey and RedisValue have in common.
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterClient.Protocol;

// The object says what it is: null, a string, a byte[] or a MemoryManager<byte> (then the bits are offset and length),
// or one of the tags below (then the bits are the number).
internal readonly struct Payload
{
    internal static readonly object IntegerTag = new Tag();
    internal static readonly object UnsignedTag = new Tag();
    internal static readonly object DoubleTag = new Tag();

    private readonly object? _object;
    private readonly long _bits;

    private Payload(object? value, long bits)
    {
        _object = value;
        _bits = bits;
    }

    internal Payload(string? text) => _object = text;

    internal Payload(byte[]? bytes)
    {
        _object = bytes;
        _bits = bytes is null ? 0 : bytes.Length;
    }

    internal Payload(ReadOnlyMemory<byte> bytes)
    {
        if (MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment))
        {
            _object = segment.Array ?? [];
            _bits = ((long)segment.Offset << 32) | (uint)segment.Count;
        }
        else if (MemoryMarshal.TryGetMemoryManager(bytes, out MemoryManager<byte>? manager, out int start, out int length))
        {
            _object = manager;
            _bits = ((long)start << 32) | (uint)length;
        }
        else
        {
            byte[] copy = bytes.ToArray();
            _object = copy;
            _bits = copy.Length;
        }
    }

    internal Payload(long value)
    {
        _object = IntegerTag;
        _bits = value;
    }

    internal Payload(ulong value)
    {
        _object = value <= long.MaxValue ? IntegerTag : UnsignedTag;
        _bits = unchecked((long)value);
    }

    // A whole number becomes an integer, so that 1e15 is written 1000000000000000 and equals that text.
    internal Payload(double value)
    {
        long integer = unchecked((long)value);
        bool whole = integer == value && integer is > -(1L << 53) and < (1L << 53) && (integer != 0 || !double.IsNegative(value));
        _object = whole ? IntegerTag : DoubleTag;
        _bits = whole ? integer : BitConverter.DoubleToInt64Bits(value);
    }

    internal bool IsNull => _object is null;

    internal bool IsInteger => ReferenceEquals(_object, IntegerTag);

    internal bool IsUnsigned => ReferenceEquals(_object, UnsignedTag);

    internal bool IsDouble => ReferenceEquals(_object, DoubleTag);

    internal bool IsNumber => _object is Tag;

    [MemberNotNullWhen(true, nameof(_object))]
    private bool IsBytes =>
        _object is not null && _object.GetType() != typeof(string) && _object.GetType() != typeof(Tag);

    internal string? Text => _object as string;

    internal long Integer => _bits;

    internal double Double => BitConverter.Int64BitsToDouble(_bits);

    // True for what is held as bytes already; a string or number has to be written somewhere first.
    internal bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        if (!IsBytes)
        {
            bytes = default;
            return false;
        }

        bytes = _object.GetType() == typeof(byte[])
            ? new ReadOnlyMemory<byte>(Unsafe.As<byte[]>(_object), (int)(_bits >> 32), (int)_bits)
            : Unsafe.As<MemoryManager<byte>>(_object).Memory.Slice((int)(_bits >> 32), (int)_bits);
        return true;
    }

    internal bool TryGetSpan(out ReadOnlySpan<byte> bytes)
    {
        if (!IsBytes)
        {
            bytes = default;
            return false;
        }

        bytes = _object.GetType() == typeof(byte[])
            ? new ReadOnlySpan<byte>(Unsafe.As<byte[]>(_object), (int)(_bits >> 32), (int)_bits)
            : Unsafe.As<MemoryManager<byte>>(_object).GetSpan().Slice((int)(_bits >> 32), (int)_bits);
        return true;
    }

    internal int GetMaxByteLength()
    {
        if (_object is null)
        {
            return 0;
        }

        return _object.GetType() == typeof(string) ? MaxTextLength(Unsafe.As<string>(_object).Length)
            : _object.GetType() == typeof(Tag) ? NumberText.MaxLength
            : (int)_bits;
    }

    internal int GetByteLength()
    {
        if (_object is null)
        {
            return 0;
        }

        if (_object.GetType() == typeof(string))
        {
            return Encoding.UTF8.GetByteCount(Unsafe.As<string>(_object));
        }

        return _object.GetType() == typeof(Tag) ? GetNumberLength() : (int)_bits;
    }

    private int GetNumberLength() =>
        IsInteger ? (_bits < 0 ? 1 + NumberText.Length(unchecked((ulong)-_bits)) : NumberText.Length((ulong)_bits))
        : IsUnsigned ? NumberText.Length(unchecked((ulong)_bits))
        : WriteTo(stackalloc byte[NumberText.MaxLength]);

    internal int WriteTo(Span<byte> destination)
    {
        if (_object is null)
        {
            return 0;
        }

        if (_object.GetType() == typeof(string))
        {
            return Encoding.UTF8.GetBytes(Unsafe.As<string>(_object), destination);
        }

        if (TryGetSpan(out ReadOnlySpan<byte> bytes))
        {
            bytes.CopyTo(destination);
            return bytes.Length;
        }

        return IsInteger ? NumberText.Format(_bits, destination)
            : IsUnsigned ? NumberText.Format(unchecked((ulong)_bits), destination)
            : NumberText.Format(Double, destination);
    }

    internal byte[]? ToArray()
    {
        if (_object is null)
        {
            return null;
        }

        // The array that came in goes out: a conversion there and back copies nothing.
        if (_object.GetType() == typeof(byte[]) && _bits == Unsafe.As<byte[]>(_object).Length)
        {
            return Unsafe.As<byte[]>(_object);
        }

        byte[] bytes = new byte[GetByteLength()];
        WriteTo(bytes);
        return bytes;
    }

    internal string? ToText()
    {
        if (_object is null)
        {
            return null;
        }

        if (_object.GetType() == typeof(string))
        {
            return Unsafe.As<string>(_object);
        }

        if (TryGetSpan(out ReadOnlySpan<byte> bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        Span<byte> number = stackalloc byte[NumberText.MaxLength];
        return Encoding.ASCII.GetString(number[..WriteTo(number)]);
    }

    // Equal means: the same bytes on the wire.
    [SkipLocalsInit]
    internal bool Equals(Payload other)
    {
        if (_object is null || other._object is null)
        {
            return ReferenceEquals(_object, other._object);
        }

        if (ReferenceEquals(_object, other._object) && _bits == other._bits)
        {
            return true;
        }

        if (_object is string left && other._object is string right && !MayEncodeAlike(left, right, out bool equal))
        {
            return equal;
        }

        using var a = new PayloadBytes(this, stackalloc byte[PayloadBytes.ScratchLength]);
        using var b = new PayloadBytes(other, stackalloc byte[PayloadBytes.ScratchLength]);
        return a.Span.SequenceEqual(b.Span);
    }

    [SkipLocalsInit]
    public override int GetHashCode()
    {
        if (_object is null)
        {
            return 0;
        }

        using var bytes = new PayloadBytes(this, stackalloc byte[PayloadBytes.ScratchLength]);
        var hash = default(HashCode);
        hash.AddBytes(bytes.Span);
        return hash.ToHashCode();
    }

    // Different strings have different bytes, except that every lone surrogate is written as U+FFFD.
    private static bool MayEncodeAlike(string left, string right, out bool equal)
    {
        int prefix = left.AsSpan().CommonPrefixLength(right);
        equal = prefix == left.Length && prefix == right.Length;
        return !equal && left.Length == right.Length && left[prefix] >= '\uD800' && right[prefix] >= '\uD800';
    }

    private static int MaxTextLength(int characters) =>
        characters <= int.MaxValue / 3 ? characters * 3 : throw new ArgumentException("The string is too long for Redis (512 MiB).");

    private sealed class Tag;
}
