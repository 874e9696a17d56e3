// One node of a fake cluster: redirects as real ones do.
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

internal sealed class FakeNode
{
    private readonly FakeCluster _cluster;
    private FakeView? _view;

    public FakeNode(FakeCluster cluster, int index, string? masterId)
    {
        _cluster = cluster;
        Id = string.Create(CultureInfo.InvariantCulture, $"{index + 1:x40}");
        MasterId = masterId;
        ConfigEpoch = masterId is null ? index + 1 : 0;
        Server = new FakeServer { Middle = Answer, OneAtATime = cluster.OneAtATime };
        Server.Handshake.Mode = "cluster";
        AnnouncedHost = Server.Endpoint.Host;
        AnnouncedPort = Server.Port;
    }

    public string Id { get; set; }

    /// <summary>The id of its master; null for a master.</summary>
    public string? MasterId { get; set; }

    public long ConfigEpoch { get; set; }

    /// <summary>Whether the others hold it for failed.</summary>
    public bool IsFailed { get; set; }

    /// <summary>Whether a replica is in step with its master.</summary>
    public bool IsLinkUp { get; set; } = true;

    public FakeServer Server { get; }

    /// <summary>What the others, and it itself, tell as its host; null, "" and "?" have their meanings.</summary>
    public string? AnnouncedHost { get; set; }

    public int AnnouncedPort { get; set; }

    /// <summary>What it believes; the cluster's truth unless a test gave it a view of its own. Null takes that back.</summary>
    public FakeView View
    {
        get => _view ?? _cluster.Truth;
        set => _view = value;
    }

    public void ShareTruth() => _view = null;

    /// <summary>Slots on their way to other nodes: keys that are not here are asked for there.</summary>
    public ConcurrentDictionary<int, FakeNode> Migrating { get; } = new();

    /// <summary>Slots on their way here: served to those who say ASKING.</summary>
    public ConcurrentDictionary<int, FakeNode> Importing { get; } = new();

    public override string ToString() => Server.Name;

    private FakeAnswer? Answer(FakeCommand command)
    {
        switch (command.Name)
        {
            case "CLUSTER":
                return command.Subcommand switch
                {
                    "SLOTS" => FakeClusterReplies.Slots(_cluster, View),
                    "NODES" => FakeClusterReplies.Nodes(_cluster, View, this),
                    "SHARDS" => FakeClusterReplies.Shards(_cluster, View, command.Connection.Protocol),
                    "MYID" => FakeAnswer.Bulk(Id),
                    _ => FakeAnswer.Error($"ERR unknown subcommand '{command.Subcommand}'. Try CLUSTER HELP."),
                };
            case "ASKING":
                return FakeAnswer.Ok;
            case "READONLY" or "READWRITE":
                command.Connection.IsReadOnly = command.Is("READONLY");
                return FakeAnswer.Ok;
            case "INFO" when command.Subcommand is "REPLICATION":
                return FakeAnswer.Bulk($"# Replication\r\nrole:{(MasterId is null ? "master" : "slave")}\r\nmaster_link_status:{(IsLinkUp ? "up" : "down")}\r\n");
            default:
                return Redirect(command);
        }
    }

    /// <summary>What getNodeByQuery of the real servers decides.</summary>
    private FakeAnswer? Redirect(FakeCommand command)
    {
        string[] keys = KeysOf(command);
        if (keys.Length == 0) return null;
        int slot = HashSlot.Of((RedisKey)keys[0]);
        if (keys.Any(key => HashSlot.Of((RedisKey)key) != slot)) return FakeAnswer.Error("CROSSSLOT Keys in request don't hash to the same slot");
        if (View.OwnerOf(slot) is not { } owner) return FakeAnswer.Error("CLUSTERDOWN Hash slot not served");
        int missing = keys.Count(key => !Server.Store.Contains(key));
        if (owner == this)
        {
            if (!Migrating.TryGetValue(slot, out FakeNode? target) || missing == 0) return null;
            return missing < keys.Length ? TryAgain() : FakeAnswer.Error($"ASK {slot} {target.AnnouncedHost}:{target.AnnouncedPort}");
        }

        // A replica answers reads from its own store, in which a test puts what it should have copied.
        if (owner.Id == MasterId && command.Connection.IsReadOnly && CommandTable.TryFind(command.Name, command.Subcommand, out CommandInfo? info) && info.Is(CommandFlags.ReadOnly)) return null;
        if (command.Connection.Asking && Importing.ContainsKey(slot)) return missing > 0 && keys.Length > 1 ? TryAgain() : null;
        return Moved(slot, owner);
    }

    public static FakeAnswer Moved(int slot, FakeNode owner) => FakeAnswer.Error($"MOVED {slot} {owner.AnnouncedHost}:{owner.AnnouncedPort}");

    public static FakeAnswer TryAgain() => FakeAnswer.Error("TRYAGAIN Multiple keys request during rehashing of slot");

    private static string[] KeysOf(FakeCommand command)
    {
        if (!CommandTable.TryFind(command.Name, command.Subcommand, out CommandInfo? info)) return [];
        Command parsed = new(info, [.. command.Words.Skip(info.NameTokens).Select(static word => (RedisValue)word)]);
        if (!CommandKeys.TryLocate(parsed, out KeyPositions positions)) return [];
        string[] keys = new string[positions.Count];
        for (int i = 0; i < keys.Length; i++) keys[i] = Encoding.Latin1.GetString(command.Words[info.NameTokens + positions[i]]);
        return keys;
    }
}
