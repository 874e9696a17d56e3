// Reads the few fields of INFO that tell what a server is: "name:value" lines.
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Topology.Replies;

internal sealed class InfoParser : ReplyParser<ImmutableDictionary<string, string>>
{
    private InfoParser()
    {
    }

    public static InfoParser Instance { get; } = new();

    public override ImmutableDictionary<string, string> Parse(ref RespReader reader)
    {
        ImmutableDictionary<string, string>.Builder fields = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in reader.ExpectWholeText("INFO").AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (colon > 0 && line[0] != '#') fields[line[..colon].ToString()] = line[(colon + 1)..].ToString();
        }

        return fields.ToImmutable();
    }
}
