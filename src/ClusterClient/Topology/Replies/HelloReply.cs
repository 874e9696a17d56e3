// What a server says of itself in the reply to HELLO.
namespace ClusterClient.Topology.Replies;

/// <summary>The reply to HELLO. Text is empty where the server left a field out.</summary>
internal sealed record HelloReply
{
    /// <summary><c>redis</c>, <c>valkey</c>; Garnet says redis.</summary>
    public string Server { get; init; } = string.Empty;

    public string Version { get; init; } = string.Empty;

    /// <summary>2 or 3; 0 when not said.</summary>
    public int Protocol { get; init; }

    public long ConnectionId { get; init; }

    /// <summary><c>standalone</c>, <c>cluster</c> or <c>sentinel</c>.</summary>
    public string Mode { get; init; } = string.Empty;

    /// <summary>Null when not said (a Sentinel has none).</summary>
    public NodeRole? Role { get; init; }

    /// <summary>Valkey 8.1 and later, where configured; else null.</summary>
    public string? AvailabilityZone { get; init; }
}
