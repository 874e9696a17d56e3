// INFO, parsed.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>What a server says about itself (<c>INFO</c>): its sections and fields as text, and the usual ones typed. A field that was not sent is null.</summary>
public sealed class ServerInfo
{
    internal static readonly ReplyParser<ServerInfo> Reply = Replies.Create(
        static (ref reader) => new ServerInfo(reader.ReadString() ?? throw Unexpected.Reply(reader, "the text of INFO")));

    internal ServerInfo(string text) => Sections = InfoText.ReadSections(text);

    /// <summary>The sections (<c>Server</c>, <c>Clients</c>, <c>Replication</c>…; in any case), each with its fields.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Sections { get; }

    /// <summary>The server program: <c>redis</c>, <c>valkey</c> or <c>garnet</c>. Null when the section <c>server</c> was not asked for.</summary>
    public string? ServerName =>
        this["server_name"] ?? (this["garnet_version"] is not null ? "garnet" : this["redis_version"] is not null ? "redis" : null);

    /// <summary>The version of that program (not the Redis version that Valkey and Garnet claim to be compatible with).</summary>
    public Version? Version => Version.TryParse(this["valkey_version"] ?? this["garnet_version"] ?? this["redis_version"], out Version? version) ? version : null;

    /// <summary>How the server runs: <c>standalone</c>, <c>cluster</c> or <c>sentinel</c>.</summary>
    public string? Mode => this["redis_mode"] ?? this["server_mode"];

    /// <summary>Its process id.</summary>
    public long? ProcessId => GetInt64("process_id");

    /// <summary>How long it has run, to the second.</summary>
    public TimeSpan? Uptime => GetInt64("uptime_in_seconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>How many clients are connected, replicas left out.</summary>
    public long? ConnectedClients => GetInt64("connected_clients");

    /// <summary>How many bytes it has allocated.</summary>
    public long? UsedMemory => GetInt64("used_memory");

    /// <summary>How many bytes it may allocate before it evicts or refuses; 0 for no limit.</summary>
    public long? MaxMemory => GetInt64("maxmemory");

    /// <summary>Whether it is still reading its data from disk.</summary>
    public bool? IsLoading => GetInt64("loading") is { } loading ? loading != 0 : null;

    /// <summary>Whether it is a master; false for a replica.</summary>
    public bool? IsMaster => this["role"] is { } role ? string.Equals(role, "master", StringComparison.Ordinal) : null;

    /// <summary>How many replicas are connected to it.</summary>
    public long? ConnectedReplicas => GetInt64("connected_slaves");

    /// <summary>The id of its replication history.</summary>
    public string? ReplicationId => this["master_replid"];

    /// <summary>A master's offset in its replication history.</summary>
    public long? ReplicationOffset => GetInt64("master_repl_offset");

    /// <summary>Whether a replica's link to its master is up; null for a master.</summary>
    public bool? IsMasterLinkUp => this["master_link_status"] is { } status ? string.Equals(status, "up", StringComparison.Ordinal) : null;

    /// <summary>The databases that hold keys, by number (section <c>keyspace</c>).</summary>
    public IReadOnlyDictionary<int, KeyspaceInfo> Databases =>
        !Sections.TryGetValue("keyspace", out IReadOnlyDictionary<string, string>? fields)
            ? new Dictionary<int, KeyspaceInfo>()
            : KeyspaceInfo.Read(fields);

    /// <summary>A field by its name, from whichever section has it; null when none has.</summary>
    /// <param name="field">The name as the server writes it, such as <c>used_memory</c>.</param>
    public string? this[string field]
    {
        get
        {
            foreach (IReadOnlyDictionary<string, string> section in Sections.Values)
            {
                if (section.TryGetValue(field, out string? value)) return value;
            }

            return null;
        }
    }

    /// <summary>A field that is an integer; null when there is no such field or it is none.</summary>
    /// <param name="field">The name as the server writes it.</param>
    public long? GetInt64(string field) => InfoText.ToInt64(this[field]);
}
