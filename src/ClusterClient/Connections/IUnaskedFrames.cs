// Who takes the frames of a connection that answer no command.
namespace ClusterClient.Connections;

/// <summary>Takes pushes and other frames that no pending command asked for. Called on the connection's reader: it must neither block nor keep the bytes.</summary>
internal interface IUnaskedFrames
{
    /// <summary>One whole frame.</summary>
    /// <exception cref="RedisProtocolException">It makes no sense: the connection is closed.</exception>
    void OnFrame(ReadOnlySpan<byte> frame);
}
