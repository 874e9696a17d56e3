// What a value of one kind looks like as text, and which values are allowed.
namespace ClusterClient.Configuration;

/// <summary>One kind of option value: its text form and its range. Shared by the connection string's reader, its writer and the checks.</summary>
/// <param name="Allowed">What is allowed, in words that follow "must be".</param>
/// <param name="Read">Reads the text form; the value is not checked yet. False when it has not that form.</param>
/// <param name="Write">The text form, such that <paramref name="Read"/> gives the value back.</param>
/// <param name="IsAllowed">Whether a value may be used.</param>
internal sealed record OptionKind<T>(string Allowed, OptionKind<T>.Reader Read, Func<T, string> Write, Func<T, bool> IsAllowed)
{
    public delegate bool Reader(string text, out T value);
}
