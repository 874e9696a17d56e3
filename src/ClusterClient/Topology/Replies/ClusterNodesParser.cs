// Reads CLUSTER NODES: one line a node, "id ip:port@cport[,hostname[,aux=val]*] flags master ping pong epoch link slot…".
using System.Collections.Immutable;
using System.Globalization;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal sealed class ClusterNodesParser : ReplyParser<ImmutableArray<ClusterNodesEntry>>
{
    private const string Reply = "CLUSTER NODES";
    private const int FixedFields = 8;

    private ClusterNodesParser()
    {
    }

    public static ClusterNodesParser Instance { get; } = new();

    public override ImmutableArray<ClusterNodesEntry> Parse(ref RespReader reader) => Parse(reader.ExpectWholeText(Reply));

    /// <summary>Reads the reply's text, also that of a nodes.conf file.</summary>
    public static ImmutableArray<ClusterNodesEntry> Parse(string text)
    {
        ImmutableArray<ClusterNodesEntry>.Builder entries = ImmutableArray.CreateBuilder<ClusterNodesEntry>();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            // nodes.conf ends with "vars currentEpoch …"; it speaks of no node.
            if (line.IsWhiteSpace() || line.StartsWith("vars ", StringComparison.Ordinal)) continue;
            entries.Add(ParseLine(line, entries.Count));
        }

        if (entries.Count == 0) ReplyShape.Throw(Reply, "the reply", "it names no node, not even the one that answered");
        return entries.DrainToImmutable();
    }

    private static ClusterNodesEntry ParseLine(ReadOnlySpan<char> line, int number)
    {
        string[] fields = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string what = $"line {number}";
        if (fields.Length < FixedFields) ReplyShape.Throw(Reply, what, $"expected at least {FixedFields} fields, found {ReplyShape.Show(line)}");
        ImmutableArray<SlotRange>.Builder slots = ImmutableArray.CreateBuilder<SlotRange>();
        ImmutableArray<SlotMigration>.Builder migrations = ImmutableArray.CreateBuilder<SlotMigration>();
        foreach (string slot in fields.AsSpan(FixedFields))
        {
            if (slot.StartsWith('[')) migrations.Add(ParseMigration(slot, what));
            else slots.Add(ParseSlots(slot, what));
        }

        return ClusterNodeAddress.Parse(fields[0], fields[1], what) with
        {
            Flags = ParseFlags(fields[2]),
            MasterId = string.Equals(fields[3], "-", StringComparison.Ordinal) ? null : fields[3],
            PingSent = Number(fields[4], what, "ping-sent"),
            PongReceived = Number(fields[5], what, "pong-received"),
            ConfigEpoch = Number(fields[6], what, "config-epoch"),
            IsLinkUp = string.Equals(fields[7], "connected", StringComparison.Ordinal),
            Slots = slots.DrainToImmutable(),
            Migrations = migrations.DrainToImmutable(),
        };
    }

    private static ClusterNodeFlags ParseFlags(string text)
    {
        ClusterNodeFlags flags = ClusterNodeFlags.None;
        foreach (Range part in text.AsSpan().Split(','))
        {
            // A flag of a later server is no error.
            flags |= text[part] switch
            {
                "myself" => ClusterNodeFlags.Myself,
                "master" => ClusterNodeFlags.Master,
                "slave" or "replica" => ClusterNodeFlags.Replica,
                "fail?" => ClusterNodeFlags.PossiblyFailed,
                "fail" => ClusterNodeFlags.Failed,
                "handshake" => ClusterNodeFlags.Handshake,
                "noaddr" => ClusterNodeFlags.NoAddress,
                "nofailover" => ClusterNodeFlags.NoFailover,
                _ => ClusterNodeFlags.None,
            };
        }

        return flags;
    }

    private static SlotRange ParseSlots(string text, string what)
    {
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        bool read = Slot(dash < 0 ? text : text.AsSpan(0, dash), out int first);
        read &= Slot(dash < 0 ? text : text.AsSpan(dash + 1), out int last);
        if (!read || !SlotRange.IsValid(first, last)) ReplyShape.Throw(Reply, what, $"expected a slot range, found {ReplyShape.Show(text)}");
        return new(first, last);
    }

    // [93->-id] goes out to id, [77-<-id] comes in from id.
    private static SlotMigration ParseMigration(string text, string what)
    {
        int arrow = text.IndexOf('-', StringComparison.Ordinal);
        bool shaped = arrow > 1 && text.EndsWith(']') && text.Length > arrow + 4 && text[arrow + 1] is '<' or '>' && text[arrow + 2] == '-';
        if (!shaped || !Slot(text.AsSpan(1, arrow - 1), out int slot) || !SlotRange.IsValid(slot, slot))
        {
            return ReplyShape.Throw<SlotMigration>(Reply, what, $"expected a migrating slot, found {ReplyShape.Show(text)}");
        }

        return new(slot, text[arrow + 1] == '<', text[(arrow + 3)..^1]);
    }

    private static bool Slot(ReadOnlySpan<char> text, out int slot) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out slot);

    private static long Number(string text, string what, string field) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : ReplyShape.Throw<long>(Reply, what, $"expected {field} to be a number, found {ReplyShape.Show(text)}");
}
