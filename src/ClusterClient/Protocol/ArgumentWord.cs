// Compares an argument with a word of a command's grammar, in any case, without allocation.
using System.Runtime.CompilerServices;
using System.Text;

namespace ClusterClient.Protocol;

internal static class ArgumentWord
{
    private const int Longest = 32;

    // The word is written in capitals.
    [SkipLocalsInit]
    internal static bool Is(in RedisValue argument, ReadOnlySpan<byte> word)
    {
        if (argument.GetMaxEncodedLength() < word.Length || argument.ByteLength != word.Length) return false;
        Span<byte> text = stackalloc byte[Longest];
        return Ascii.EqualsIgnoreCase(text[..argument.WriteTo(text)], word);
    }
}
