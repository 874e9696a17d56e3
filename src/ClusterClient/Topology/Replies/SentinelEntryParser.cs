// Reads what a Sentinel tells of one server, or of several: names and values, as a map or as a flat array.
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

/// <summary>The reply to SENTINEL MASTER: one server's fields.</summary>
internal sealed class SentinelEntryParser : ReplyParser<ImmutableDictionary<string, string>>
{
    private const string Reply = "SENTINEL";

    private SentinelEntryParser()
    {
    }

    public static SentinelEntryParser Instance { get; } = new();

    public override ImmutableDictionary<string, string> Parse(ref RespReader reader) => ReadFields(ref reader);

    internal static ImmutableDictionary<string, string> ReadFields(ref RespReader reader)
    {
        int pairs = reader.ExpectMap(Reply, "a server");
        ImmutableDictionary<string, string>.Builder fields = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < pairs; i++)
        {
            string name = reader.NextText(Reply, "a field's name");
            fields[name] = reader.NextTextOrNull(Reply, name) ?? string.Empty;
        }

        return fields.ToImmutable();
    }
}

/// <summary>The reply to SENTINEL REPLICAS, SENTINELS and MASTERS: several servers' fields.</summary>
internal sealed class SentinelEntriesParser : ReplyParser<ImmutableArray<ImmutableDictionary<string, string>>>
{
    private SentinelEntriesParser()
    {
    }

    public static SentinelEntriesParser Instance { get; } = new();

    public override ImmutableArray<ImmutableDictionary<string, string>> Parse(ref RespReader reader)
    {
        int count = reader.ExpectArray("SENTINEL", "the servers");
        ImmutableArray<ImmutableDictionary<string, string>>.Builder entries = ImmutableArray.CreateBuilder<ImmutableDictionary<string, string>>();
        for (int i = 0; i < count; i++)
        {
            reader.Next("SENTINEL", "a server");
            entries.Add(SentinelEntryParser.ReadFields(ref reader));
        }

        return entries.DrainToImmutable();
    }
}

/// <summary>The reply to SENTINEL GET-MASTER-ADDR-BY-NAME: host and port, or null for a name that is not watched.</summary>
internal sealed class SentinelAddressParser : ReplyParser<NodeEndpoint?>
{
    private SentinelAddressParser()
    {
    }

    public static SentinelAddressParser Instance { get; } = new();

    public override NodeEndpoint? Parse(ref RespReader reader)
    {
        const string Reply = "SENTINEL GET-MASTER-ADDR-BY-NAME";
        if (reader.IsNull) return null;
        if (reader.ExpectArray(Reply, "the address") != 2) ReplyShape.Throw(Reply, "the address", "expected host and port");
        string host = reader.NextText(Reply, "the host");
        return new NodeEndpoint(host, (int)reader.NextInteger(Reply, "the port", 1, ushort.MaxValue));
    }
}

/// <summary>The reply to SENTINEL MYID: the id by which the others call it.</summary>
internal sealed class SentinelIdParser : ReplyParser<string>
{
    private SentinelIdParser()
    {
    }

    public static SentinelIdParser Instance { get; } = new();

    public override string Parse(ref RespReader reader) => reader.ExpectWholeText("SENTINEL MYID");
}
