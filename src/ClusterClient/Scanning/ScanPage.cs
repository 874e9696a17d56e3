// What a node answers to one step of SCAN.
using System.Globalization;
using ClusterClient.Commands;
using ClusterClient.Protocol;

namespace ClusterClient.Scanning;

/// <summary>One answer.</summary>
/// <param name="Cursor">Where the node goes on; 0 at the end.</param>
/// <param name="Keys">Possibly none.</param>
internal readonly record struct ScanPage(ulong Cursor, RedisKey[] Keys)
{
    internal static ReplyParser<ScanPage> Reply { get; } = Replies.Create(Read);

    private static ScanPage Read(ref RespReader reader)
    {
        if (!reader.IsAggregate || reader.Count != 2) throw Unexpected.Reply(reader, "a cursor and keys");
        reader.Read();
        if (!ulong.TryParse(reader.ReadString(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong cursor)) throw Unexpected.Text<ulong>(reader);
        reader.Read();
        return new(cursor, Replies.Keys.Parse(ref reader));
    }
}
