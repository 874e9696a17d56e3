// Names a failure for metrics and spans, from a small set and without anything a user wrote.
namespace ClusterClient.Diagnostics;

internal static class ErrorTags
{
    private const int MaxCodeLength = 32;

    /// <summary>The value of <c>error.type</c>: the server's code, else the type of the exception.</summary>
    public static string TypeOf(Exception error) => StatusCodeOf(error) ?? error.GetType().FullName ?? TagNames.OtherError;

    /// <summary>The server's error code, or null when the server sent none. A script can raise any text as an error: what does not look like a code is not let into tags.</summary>
    public static string? StatusCodeOf(Exception error)
    {
        if (error is not RedisServerException { Code: var code }) return null;
        return code.Length is > 0 and <= MaxCodeLength && code.All(static c => char.IsAsciiLetterUpper(c)) ? code : TagNames.OtherError;
    }
}
