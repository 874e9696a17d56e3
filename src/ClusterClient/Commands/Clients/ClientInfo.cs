// One line of CLIENT LIST, parsed.
using System.Globalization;
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>What a server knows of one of its connections (<c>CLIENT LIST</c>, <c>CLIENT INFO</c>). What a server of that version does not tell is null.</summary>
public sealed class ClientInfo
{
    internal static readonly ReplyParser<ClientInfo> Reply = Replies.Create(static (ref reader) => Parse(reader.ReadString() ?? ""));

    internal static readonly ReplyParser<ClientInfo[]> ListReply = Replies.Create(static (ref reader) => ParseLines(reader.ReadString() ?? ""));

    private ClientInfo(Dictionary<string, string> fields) => Fields = fields;

    /// <summary>All fields by the names the server gives them.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <summary>The connection's id, never used twice by one server process.</summary>
    public long Id => Number("id") ?? 0;

    /// <summary>The client's address, as <c>ip:port</c>.</summary>
    public string? Address => Text("addr");

    /// <summary>The address it connected to, as <c>ip:port</c>.</summary>
    public string? LocalAddress => Text("laddr");

    /// <summary>The name it gave itself; empty for none.</summary>
    public string? Name => Text("name");

    /// <summary>How long it has been connected, to the second.</summary>
    public TimeSpan? Age => Number("age") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>How long it has been silent, to the second.</summary>
    public TimeSpan? Idle => Number("idle") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>What it is, a letter each: <c>N</c> nothing special, <c>M</c> the master, <c>S</c> a replica, <c>P</c> subscribed, <c>t</c> tracking, <c>r</c> reads from this replica…</summary>
    public string? Flags => Text("flags");

    /// <summary>The database it has selected.</summary>
    public int? Database => (int?)Number("db");

    /// <summary>The last command it ran, such as <c>client|list</c>.</summary>
    public string? LastCommand => Text("cmd");

    /// <summary>The user it is authenticated as.</summary>
    public string? User => Text("user");

    /// <summary>The protocol it speaks: 2 or 3.</summary>
    public int? Protocol => (int?)Number("resp");

    /// <summary>The library it says it uses (Redis 7.2).</summary>
    public string? LibraryName => Text("lib-name");

    /// <summary>That library's version (Redis 7.2).</summary>
    public string? LibraryVersion => Text("lib-ver");

    /// <summary>Id and address.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"client {Id} at {Address}");

    // Names and values have no blanks: the servers refuse names that do.
    internal static ClientInfo Parse(string line)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string field in line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) fields[field[..equals]] = field[(equals + 1)..];
        }

        return fields.ContainsKey("id") ? new ClientInfo(fields) : throw new UnexpectedReplyException("The server described a client without an id.");
    }

    internal static ClientInfo[] ParseLines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    private string? Text(string field) => Fields.GetValueOrDefault(field);

    private long? Number(string field) => InfoText.ToInt64(Text(field));
}
