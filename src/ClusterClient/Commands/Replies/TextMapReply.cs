// Replies that are names and values.
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal sealed class TextMapReply : ReplyParser<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Parse(ref RespReader reader)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (reader.IsNull) return pairs;
        if (!reader.IsAggregate || reader.Count % 2 != 0) throw Unexpected.Reply(reader, "pairs of names and values");
        for (int i = reader.Count / 2; i > 0; i--)
        {
            reader.Read();
            string name = reader.ReadString() ?? "";
            reader.Read();
            pairs[name] = reader.ReadString() ?? "";
        }

        return pairs;
    }
}
