// For commands of which only matters that they are answered.
using ClusterClient.Protocol;

namespace ClusterClient.Connections;

/// <summary>Takes any reply for what it is: a sign of life.</summary>
internal sealed class AnyReply : ReplyParser<bool>
{
    internal static AnyReply Instance { get; } = new();

    public override bool Parse(ref RespReader reader) => true;
}
