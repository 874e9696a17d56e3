// Reads replies of a known shape; what does not fit ends with an exception that says what stood where.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal static class ReplyShape
{
    private const int ShownLength = 60;

    /// <summary>Moves to the next element.</summary>
    public static void Next(this ref RespReader reader, string reply, string what)
    {
        if (!reader.Read()) Throw(reply, what, "the reply ends before it");
    }

    /// <summary>The number of elements of the current aggregate: an array, set or push.</summary>
    public static int ExpectArray(this ref RespReader reader, string reply, string what)
    {
        if (!reader.IsAggregate || reader.Type == RespType.Map) Throw(reply, what, $"expected an array, found {Describe(reader)}");
        return reader.Count;
    }

    /// <summary>The number of pairs of the current map; RESP2 writes maps as flat arrays.</summary>
    public static int ExpectMap(this ref RespReader reader, string reply, string what)
    {
        if (!reader.IsAggregate) Throw(reply, what, $"expected a map, found {Describe(reader)}");
        if (reader.Count % 2 != 0) Throw(reply, what, $"expected pairs of name and value, found {reader.Count} elements");
        return reader.Count / 2;
    }

    /// <summary>The next element as a number within bounds; Garnet and Redis write some numbers as text.</summary>
    public static long NextInteger(this ref RespReader reader, string reply, string what, long min, long max)
    {
        reader.Next(reply, what);
        return reader.ExpectInteger(reply, what, min, max);
    }

    /// <summary>The current element as a number within bounds.</summary>
    public static long ExpectInteger(this ref RespReader reader, string reply, string what, long min, long max)
    {
        long value = 0;
        if (reader.IsAggregate || reader.IsNull || reader.IsError || !NumberText.TryParseInt64(reader.Span, out value))
        {
            Throw(reply, what, $"expected a number, found {Describe(reader)}");
        }

        if (value < min || value > max) Throw(reply, what, $"expected a number from {min} to {max}, found {value}");
        return value;
    }

    /// <summary>The next element as text that must be there.</summary>
    public static string NextText(this ref RespReader reader, string reply, string what) =>
        reader.NextTextOrNull(reply, what) ?? Throw<string>(reply, what, "expected text, found null");

    /// <summary>The next element as text, or null.</summary>
    public static string? NextTextOrNull(this ref RespReader reader, string reply, string what)
    {
        reader.Next(reply, what);
        if (reader.IsAggregate || reader.IsError) Throw(reply, what, $"expected text, found {Describe(reader)}");
        return reader.ReadString();
    }

    /// <summary>Passes over the next element with all that belongs to it.</summary>
    public static void Pass(this ref RespReader reader, string reply, string what)
    {
        reader.Next(reply, what);
        reader.SkipChildren();
    }

    /// <summary>A text that must be a whole reply: CLUSTER NODES, INFO.</summary>
    public static string ExpectWholeText(this ref RespReader reader, string reply)
    {
        if (reader.IsAggregate || reader.IsError || reader.IsNull) Throw(reply, "the reply", $"expected text, found {Describe(reader)}");
        return reader.ReadString()!;
    }

    [DoesNotReturn]
    public static void Throw(string reply, string what, string problem) =>
        throw new UnexpectedReplyException($"The reply to {reply} cannot be read: {what}: {problem}.") { CommandName = reply };

    [DoesNotReturn]
    public static T Throw<T>(string reply, string what, string problem)
    {
        Throw(reply, what, problem);
        return default;
    }

    /// <summary>Untrusted text, made fit for a message.</summary>
    public static string Show(ReadOnlySpan<char> text)
    {
        string shown = text.Length <= ShownLength ? text.ToString() : string.Concat(text[..ShownLength], "…");
        return string.Concat("'", string.Concat(shown.Select(static c => char.IsControl(c) ? '?' : c)), "'");
    }

    private static string Describe(in RespReader reader) =>
        reader.IsNull ? "null"
        : reader.IsAggregate ? $"{reader.Type} of {reader.Count}"
        : $"{reader.Type} {Show(reader.ReadString())}";
}
