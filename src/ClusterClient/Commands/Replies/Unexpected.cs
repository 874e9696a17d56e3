// The failure of a well-formed reply that is not of the shape a call expects.
using ClusterClient.Protocol;

namespace ClusterClient.Commands;

internal static class Unexpected
{
    internal static UnexpectedReplyException Reply(in RespReader reader, string expected) =>
        new($"The server answered with {Describe(reader)} where {expected} was expected.");

    // The text itself may be a secret.
    internal static UnexpectedReplyException Text<T>(in RespReader reader) =>
        new($"The value ({reader.Span.Length} bytes) cannot be parsed as {UnexpectedReplyException.NameOf(typeof(T))}.");

    internal static ReadOnlySpan<byte> Scalar(in RespReader reader) =>
        reader.IsAggregate ? throw Reply(reader, "a single value") : reader.Span;

    private static string Describe(in RespReader reader) =>
        reader.IsNull ? "null" : reader.IsAggregate ? $"{reader.Type} of {reader.Count}" : reader.Type.ToString();
}
