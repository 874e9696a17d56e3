// CLUSTER INFO, parsed.
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient;

/// <summary>How a node sees its cluster (<c>CLUSTER INFO</c>).</summary>
public sealed class ClusterInfo
{
    internal static readonly ReplyParser<ClusterInfo> Reply = Replies.Create(static (ref reader) => new ClusterInfo(reader.ReadString() ?? ""));

    internal ClusterInfo(string text)
    {
        Fields = InfoText.ReadSections(text).Values.FirstOrDefault() ?? new Dictionary<string, string>(StringComparer.Ordinal);
        State = Fields.GetValueOrDefault("cluster_state")
            ?? throw new UnexpectedReplyException("CLUSTER INFO was answered without cluster_state.");
    }

    /// <summary>All fields by the names the server gives them.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <summary><c>ok</c>, or <c>fail</c> when the node takes no commands.</summary>
    public string State { get; }

    /// <summary>Whether the state is <c>ok</c>.</summary>
    public bool IsOk => string.Equals(State, "ok", StringComparison.Ordinal);

    /// <summary>How many slots have an owner.</summary>
    public long SlotsAssigned => Number("cluster_slots_assigned");

    /// <summary>How many slots' owners are neither failed nor suspected.</summary>
    public long SlotsOk => Number("cluster_slots_ok");

    /// <summary>How many slots' owners this node suspects.</summary>
    public long SlotsSuspected => Number("cluster_slots_pfail");

    /// <summary>How many slots' owners have failed.</summary>
    public long SlotsFailed => Number("cluster_slots_fail");

    /// <summary>How many nodes are known, replicas, failed and joining ones included.</summary>
    public long KnownNodes => Number("cluster_known_nodes");

    /// <summary>How many masters own slots.</summary>
    public long Size => Number("cluster_size");

    /// <summary>The cluster's highest epoch, as this node knows it.</summary>
    public long CurrentEpoch => Number("cluster_current_epoch");

    /// <summary>This node's config epoch (of a replica: its master's).</summary>
    public long MyEpoch => Number("cluster_my_epoch");

    private long Number(string field) => InfoText.ToInt64(Fields.GetValueOrDefault(field)) ?? 0;
}
