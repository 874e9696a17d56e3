// The ways to read a reply that every command shares.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>Reads one successful reply; see <see cref="Replies.Create{T}"/>.</summary>
/// <typeparam name="T">What a call returns.</typeparam>
/// <param name="reader">Stands on the reply's first element.</param>
public delegate T ReplyReader<out T>(ref RespReader reader);

/// <summary>
/// Ready-made reply parsers, for a command of your own: <c>redis.ExecuteAsync(new Command(MyCommand, key), Replies.Int64)</c>.
/// A reply of another shape fails the call with <see cref="UnexpectedReplyException"/>.
/// </summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The type is what these parsers are told apart by.")]
public static class Replies
{
    /// <summary>An integer, or text that is one.</summary>
    public static ReplyParser<long> Int64 { get; } = new Int64Reply();

    /// <summary>An integer, or text that is one; null for null.</summary>
    public static ReplyParser<long?> NullableInt64 { get; } = new NullableInt64Reply();

    /// <summary>A number: RESP3's double, or text that is one.</summary>
    public static ReplyParser<double> Double { get; } = new DoubleReply();

    /// <summary>A number: RESP3's double, or text that is one; null for null.</summary>
    public static ReplyParser<double?> NullableDouble { get; } = new NullableDoubleReply();

    /// <summary>A truth value: 1 and 0, or RESP3's booleans.</summary>
    public static ReplyParser<bool> Boolean { get; } = new BooleanReply();

    /// <summary>True for OK (or any other status), false for null: a condition was not met.</summary>
    public static ReplyParser<bool> Ok { get; } = new OkReply();

    /// <summary>A scalar of any kind; <see cref="RedisValue.Null"/> for null.</summary>
    public static ReplyParser<RedisValue> Value { get; } = new ValueReply();

    /// <summary>A scalar as UTF-8 text, allocating nothing but that string; null for null.</summary>
    public static ReplyParser<string?> Text { get; } = new TextReply();

    /// <summary>A scalar as a new array of bytes; null for null.</summary>
    public static ReplyParser<byte[]?> Bytes { get; } = new BytesReply();

    /// <summary>A scalar in pooled memory, allocating nothing; <see cref="Lease.Null"/> for null.</summary>
    public static ReplyParser<Lease> Lease { get; } = new LeaseReply();

    /// <summary>A key; the null key for null.</summary>
    public static ReplyParser<RedisKey> Key { get; } = new KeyReply();

    /// <summary>An array of scalars; empty for null.</summary>
    public static ReplyParser<RedisValue[]> Values { get; } = new ValuesReply();

    /// <summary>An array of keys; empty for null.</summary>
    public static ReplyParser<RedisKey[]> Keys { get; } = new KeysReply();

    /// <summary>An array of texts; empty for null.</summary>
    public static ReplyParser<string?[]> Texts { get; } = new TextsReply();

    /// <summary>Pairs of texts: RESP3's map, or RESP2's flat array of names and values; empty for null.</summary>
    public static ReplyParser<IReadOnlyDictionary<string, string>> TextMap { get; } = new TextMapReply();

    /// <summary>A reply of any shape, as a tree.</summary>
    public static ReplyParser<RespValue> Tree { get; } = TreeParser.Instance;

    /// <summary>A scalar parsed from its bytes, allocating nothing; null for null.</summary>
    /// <typeparam name="T">A number, <see cref="Guid"/>, <see cref="TimeSpan"/>… or a type of your own; parsed with the invariant culture.</typeparam>
    public static ReplyParser<T?> Parsed<T>()
        where T : struct, IUtf8SpanParsable<T> => ParsedReply<T>.Instance;

    /// <summary>A scalar parsed from its bytes into an object; null for null.</summary>
    /// <typeparam name="T">A type that can be parsed from UTF-8; parsed with the invariant culture.</typeparam>
    public static ReplyParser<T?> ParsedObject<T>()
        where T : class, IUtf8SpanParsable<T> => ParsedObjectReply<T>.Instance;

    /// <summary>A parser from a function; keep it in a static field.</summary>
    /// <param name="read">Reads the reply. It runs on the connection's reader: it must not block, nor keep the bytes it is shown.</param>
    public static ReplyParser<T> Create<T>(ReplyReader<T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return new DelegateReply<T>(read);
    }
}
