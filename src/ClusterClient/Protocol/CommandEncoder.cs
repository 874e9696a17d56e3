// Turns a command into its bytes on the wire: an array of bulk strings.
namespace ClusterClient.Protocol;

/// <summary>Encodes commands. Every command is an array of bulk strings, in RESP2 and RESP3 alike.</summary>
internal static class CommandEncoder
{
    /// <summary>Room for <c>*2147483647\r\n</c>, or for a bulk header with its closing line end.</summary>
    private const int HeaderRoom = 13;

    /// <summary>The ASKING command, which must stand directly before the command it is for.</summary>
    internal static ReadOnlySpan<byte> Asking => "*1\r\n$6\r\nASKING\r\n"u8;

    /// <summary>An upper bound, cheap to compute, for the bytes <see cref="Write"/> needs.</summary>
    internal static long MaxLength(in Command command)
    {
        long length = HeaderRoom + command.Info.EncodedName.Length;
        for (int i = 0; i < command.ArgumentCount; i++)
            length += HeaderRoom + 2 + command.Argument(i).GetMaxEncodedLength();
        return length;
    }

    /// <summary>Writes the command and returns the number of bytes written.</summary>
    internal static int Write(in Command command, Span<byte> destination)
    {
        byte[] name = command.Info.EncodedName;
        int position = WriteHeader(destination, (byte)'*', command.Info.NameTokens + command.ArgumentCount);
        name.CopyTo(destination[position..]);
        position += name.Length;
        for (int i = 0; i < command.ArgumentCount; i++)
        {
            ref readonly RedisValue argument = ref command.Argument(i);
            position += WriteHeader(destination[position..], (byte)'$', argument.ByteLength);
            position += argument.WriteTo(destination[position..]);
            destination[position] = (byte)'\r';
            destination[position + 1] = (byte)'\n';
            position += 2;
        }

        return position;
    }

    /// <summary>
    /// Overwrites the bytes of a command that was not sent yet with a harmless one of exactly the same length, so that it
    /// can be withdrawn without disturbing the order of replies: a PING, whose message makes up the length. Where no
    /// message has the right length (a bulk header grows by a digit and skips one, and lengths may have no leading
    /// zero), a PING with one argument too many, which the server refuses; that reply is dropped like any other.
    /// </summary>
    internal static void Blank(Span<byte> encoded)
    {
        if (!CanBlank(encoded.Length)) throw new InvalidOperationException($"A command of {encoded.Length} bytes cannot be blanked.");
        ReadOnlySpan<byte> empty = "$0\r\n\r\n"u8;
        ReadOnlySpan<byte> ping = "*1\r\n$4\r\nPING\r\n"u8;
        if (encoded.Length < ping.Length + empty.Length)
        {
            encoded[0] = (byte)'*';
            encoded[1] = (byte)'1';
            encoded[2] = (byte)'\r';
            encoded[3] = (byte)'\n';
            WriteFiller(encoded[4..]);
            "PING"u8.CopyTo(encoded[8..]);
            return;
        }

        ping.CopyTo(encoded);
        encoded[1] = (byte)'2';
        Span<byte> rest = encoded[ping.Length..];
        if (WriteFiller(rest)) return;
        encoded[1] = (byte)'3';
        empty.CopyTo(rest);
        WriteFiller(rest[empty.Length..]);
    }

    /// <summary>Whether <see cref="Blank"/> can stand in for a command of this many bytes: all but a bare name of three letters.</summary>
    internal static bool CanBlank(int length) => length >= 14;

    /// <summary>Fills <paramref name="target"/> with one bulk string; false when no bulk string has that length.</summary>
    private static bool WriteFiller(Span<byte> target)
    {
        for (int digits = 1; digits <= 10; digits++)
        {
            int payload = target.Length - 5 - digits;
            if (payload < 0) return false;
            if (CountDigits(payload) != digits) continue;
            int header = WriteHeader(target, (byte)'$', payload);
            target.Slice(header, payload).Fill((byte)'.');
            target[^2] = (byte)'\r';
            target[^1] = (byte)'\n';
            return true;
        }

        return false;
    }

    private static int WriteHeader(Span<byte> destination, byte type, int value)
    {
        destination[0] = type;
        if ((uint)value < 10)
        {
            destination[1] = (byte)('0' + value);
            destination[2] = (byte)'\r';
            destination[3] = (byte)'\n';
            return 4;
        }

        int digits = CountDigits(value);
        for (int i = digits; i >= 1; i--)
        {
            (value, int digit) = Math.DivRem(value, 10);
            destination[i] = (byte)('0' + digit);
        }

        destination[digits + 1] = (byte)'\r';
        destination[digits + 2] = (byte)'\n';
        return digits + 3;
    }

    private static int CountDigits(int value)
    {
        int digits = 1;
        while (value >= 10)
        {
            value /= 10;
            digits++;
        }

        return digits;
    }
}
