// A well-formed reply that the typed call cannot read.
namespace ClusterClient;

/// <summary>The server's reply was well-formed but not of the shape the call expects: the value is not a number, the server is of another version. The command was executed.</summary>
public sealed class UnexpectedReplyException : RedisException
{
    /// <summary>Makes an exception for an unexpected reply.</summary>
    public UnexpectedReplyException(string message, Exception? innerException = null) : base(message, Outcome.Unknown, innerException)
    {
    }

    /// <summary>A type as C# writes it: <c>Int32?</c>, not <c>Nullable`1</c>.</summary>
    internal static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } underlying ? $"{underlying.Name}?" : type.Name;
}
