// Reads a reply of any shape as a tree.
namespace ClusterClient.Protocol;

internal sealed class TreeParser : ReplyParser<RespValue>
{
    internal static TreeParser Instance { get; } = new();

    public override RespValue Parse(ref RespReader reader) => reader.ReadTree();
}
