// The address of one server: host and port, or the path of a Unix socket.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Configuration;

namespace ClusterClient;

/// <summary>Where one server listens: a host and a TCP port, or a Unix socket. Compared exactly, as written.</summary>
/// <param name="Host">A DNS name, an IPv4 address, an IPv6 address without brackets, or the path of a Unix socket.</param>
/// <param name="Port">The TCP port, 1 to 65535; −1 for a Unix socket.</param>
public readonly record struct NodeEndpoint(string Host, int Port)
{
    /// <summary>The port of a server when none is written: 6379.</summary>
    public const int DefaultPort = 6379;

    private const int UnixPort = -1;
    internal const string UnixPrefix = "unix:";

    /// <summary>Whether this is the path of a Unix socket (<see cref="Host"/> holds it).</summary>
    public bool IsUnixSocket => Port == UnixPort;

    /// <summary>The endpoint of a server that listens on a Unix socket.</summary>
    /// <param name="path">The path of the socket; a relative one is taken from the current directory.</param>
    /// <exception cref="ArgumentException">The path is empty, holds a null character, or is longer than the 107 bytes a system allows.</exception>
    public static NodeEndpoint Unix(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string absolute = Path.GetFullPath(path);
        return EndpointText.ProblemWithPath(absolute) is { } problem ? throw new ArgumentException($"Not a Unix socket: {problem}.", nameof(path)) : new(absolute, UnixPort);
    }

    /// <summary>Reads <c>host:port</c>, <c>host</c> (port 6379), <c>[IPv6]:port</c>, <c>[IPv6]</c> or <c>unix:/path</c>.</summary>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static NodeEndpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EndpointText.TryRead(text, out NodeEndpoint endpoint, out string? problem)
            ? endpoint
            : throw new ArgumentException($"Not the endpoint of a server: {problem}.", nameof(text));
    }

    /// <summary>Reads what <see cref="Parse"/> reads; false where that would throw.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out NodeEndpoint endpoint)
    {
        endpoint = default;
        return text is not null && EndpointText.TryRead(text, out endpoint, out _);
    }

    /// <summary>The text that <see cref="Parse"/> reads: <c>host:port</c>, <c>[IPv6]:port</c>, <c>unix:/path</c>.</summary>
    public override string ToString() =>
        Host is null ? "(none)"
        : IsUnixSocket ? UnixPrefix + Host
        : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";
}
