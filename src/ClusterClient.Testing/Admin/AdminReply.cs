// A server's reply to an administrative command.
using System.Text;

namespace ClusterClient.Testing;

/// <summary>The type of a reply on the wire (RESP2).</summary>
public enum AdminReplyKind
{
    /// <summary>A simple string, such as <c>OK</c>.</summary>
    Status,

    /// <summary>An error.</summary>
    Error,

    /// <summary>An integer.</summary>
    Number,

    /// <summary>A string of bytes.</summary>
    Bulk,

    /// <summary>Nothing: a null string or a null array.</summary>
    Null,

    /// <summary>An array of replies.</summary>
    Array,
}

/// <summary>A server's reply to an administrative command, read with RESP2.</summary>
public sealed class AdminReply
{
    private readonly byte[] _bytes;

    internal AdminReply(AdminReplyKind kind, byte[] bytes, IReadOnlyList<AdminReply> items)
    {
        Kind = kind;
        _bytes = bytes;
        Items = items;
    }

    /// <summary>The type on the wire.</summary>
    public AdminReplyKind Kind { get; }

    /// <summary>The elements of an array; else empty.</summary>
    public IReadOnlyList<AdminReply> Items { get; }

    /// <summary>The bytes of a status, error, integer or bulk reply; else empty.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The bytes read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(_bytes);

    /// <summary>The reply as an integer.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public long Number => long.Parse(Text, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether it is null.</summary>
    public bool IsNull => Kind == AdminReplyKind.Null;

    /// <summary>Whether it is an error.</summary>
    public bool IsError => Kind == AdminReplyKind.Error;

    /// <summary>The reply as a person would read it.</summary>
    public override string ToString() => Kind switch
    {
        AdminReplyKind.Null => "(null)",
        AdminReplyKind.Array => "[" + string.Join(", ", Items) + "]",
        _ => Text,
    };
}
