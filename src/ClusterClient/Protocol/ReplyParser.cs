// How a reply on the wire becomes the value a call returns.
namespace ClusterClient.Protocol;

/// <summary>
/// Reads one successful reply. Error replies never get here. A parser is a stateless singleton, runs on the
/// connection's reader, and must neither block nor keep the bytes it is shown.
/// </summary>
/// <typeparam name="T">The type a call returns.</typeparam>
public abstract class ReplyParser<T>
{
    /// <summary>Reads the reply whose first element <paramref name="reader"/> stands on (<see cref="RespReader.Read"/> has been called once).</summary>
    public abstract T Parse(ref RespReader reader);

    /// <summary>Makes the result of a large reply out of the very array it was received into; false to have it parsed instead.</summary>
    internal virtual bool TryTake(ReadOnlySpan<byte> frame, FrameBuffer buffer, out T result)
    {
        result = default!;
        return false;
    }
}
