// What type of value a key holds.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>What type of value a key holds.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The servers' own name of the type.")]
public enum RedisType
{
    /// <summary>The key does not exist.</summary>
    None,

    /// <summary>A string; bitmaps and HyperLogLogs are strings too.</summary>
    String,

    /// <summary>A list.</summary>
    List,

    /// <summary>A set.</summary>
    Set,

    /// <summary>A sorted set; geo indexes are sorted sets too.</summary>
    SortedSet,

    /// <summary>A hash.</summary>
    Hash,

    /// <summary>A stream.</summary>
    Stream,

    /// <summary>A vector set (Redis 8.0).</summary>
    VectorSet,

    /// <summary>An array (Redis 8.8).</summary>
    Array,

    /// <summary>A JSON document (module).</summary>
    Json,

    /// <summary>A type of another module; <c>ExecuteAsync("TYPE", key)</c> gives its name.</summary>
    Unknown,
}

internal static class RedisTypes
{
    internal static readonly ReplyParser<RedisType> Reply = Replies.Create(Read);

    private static RedisType Read(ref RespReader reader) => reader.ReadString() switch
    {
        "none" => RedisType.None,
        "string" => RedisType.String,
        "list" => RedisType.List,
        "set" => RedisType.Set,
        "zset" => RedisType.SortedSet,
        "hash" => RedisType.Hash,
        "stream" => RedisType.Stream,
        "vectorset" => RedisType.VectorSet,
        "array" => RedisType.Array,
        "ReJSON-RL" => RedisType.Json,
        _ => RedisType.Unknown,
    };

    /// <summary>The servers' name of a type that a key can have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not one that can be asked for.</exception>
    internal static string NameOf(RedisType type) => type switch
    {
        RedisType.String => "string",
        RedisType.List => "list",
        RedisType.Set => "set",
        RedisType.SortedSet => "zset",
        RedisType.Hash => "hash",
        RedisType.Stream => "stream",
        RedisType.VectorSet => "vectorset",
        RedisType.Array => "array",
        RedisType.Json => "ReJSON-RL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type that keys can be looked for by."),
    };
}
