// Reads and checks the address of a server; its complaints never quote what might be part of a password.
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClusterClient.Configuration;

internal static class EndpointText
{
    private const int MaxHostLength = 255;
    private const int MaxLabelLength = 63;
    private const int MaxPathBytes = 107;

    public static bool TryRead(string text, out NodeEndpoint endpoint, [NotNullWhen(false)] out string? problem)
    {
        endpoint = default;
        if (text.StartsWith(NodeEndpoint.UnixPrefix, StringComparison.Ordinal) && text.Contains('/', StringComparison.Ordinal))
        {
            string path = text[NodeEndpoint.UnixPrefix.Length..];
            problem = ProblemWithPath(path);
            if (problem is null) endpoint = NodeEndpoint.Unix(path);
            return problem is null;
        }

        if (!TrySplit(text, out string host, out string? port, out problem)) return false;
        problem = ProblemWithHost(host);
        if (problem is not null) return false;
        if (port is null)
        {
            endpoint = new(host, NodeEndpoint.DefaultPort);
            return true;
        }

        // The port's text is never quoted: in "redis://user:password" with its host forgotten it is the password.
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 65535)
        {
            problem = $"the port of '{host}' must be a number from 1 to 65535";
            return false;
        }

        endpoint = new(host, number);
        return true;
    }

    /// <summary>What is wrong with an endpoint that was not read from text, or null.</summary>
    public static string? ProblemWith(NodeEndpoint endpoint)
    {
        if (endpoint.Host is null) return "it has no host";
        if (endpoint.IsUnixSocket) return ProblemWithPath(endpoint.Host);
        return ProblemWithHost(endpoint.Host)
            ?? (endpoint.Port is < 1 or > 65535 ? $"the port of '{endpoint.Host}' must be a number from 1 to 65535" : null);
    }

    /// <summary>What is wrong with the path of a Unix socket, or null.</summary>
    public static string? ProblemWithPath(string path) =>
        !Path.IsPathRooted(path) ? "the path of the Unix socket must be absolute"
        : path.Contains('\0', StringComparison.Ordinal) ? "the path of the Unix socket holds a null character"
        : Encoding.UTF8.GetByteCount(path) > MaxPathBytes ? $"the path of the Unix socket is longer than {MaxPathBytes} bytes, more than the system allows"
        : null;

    private static bool TrySplit(string text, out string host, out string? port, [NotNullWhen(false)] out string? problem)
    {
        host = text;
        port = null;
        problem = null;
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            bool closed = close > 0 && (close == text.Length - 1 || text[close + 1] == ':');
            if (closed && IsIPv6(text[1..close]))
            {
                host = text[1..close];
                port = close == text.Length - 1 ? null : text[(close + 2)..];
                return true;
            }

            problem = "an IPv6 address must be written as [address] or [address]:port";
            return false;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return true;
        if (colon != text.LastIndexOf(':'))
        {
            problem = "it has several colons (an IPv6 address must be written as [address]:port)";
            return false;
        }

        host = text[..colon];
        port = text[(colon + 1)..];
        return true;
    }

    private static string? ProblemWithHost(string host)
    {
        if (host.Length == 0) return "it has no host";
        if (IsIPv6(host)) return null;
        if (host.Length > MaxHostLength) return $"the host is longer than {MaxHostLength} characters";
        string[] labels = host.Split('.');
        int count = labels[^1].Length == 0 ? labels.Length - 1 : labels.Length; // "example.com." is absolute
        if (count == 0) return "the host must be a DNS name or an IP address";
        for (int i = 0; i < count; i++)
        {
            if (labels[i].Length is 0 or > MaxLabelLength || !labels[i].All(static c => char.IsLetterOrDigit(c) || c is '-' or '_'))
                return "the host must be a DNS name (letters, digits, '-', '_' and '.') or an IP address";
        }

        // No top-level domain is a number, so such a name can only be meant as an IPv4 address.
        bool numeric = labels[count - 1].All(char.IsAsciiDigit);
        return numeric && !(labels.Length == 4 && IPAddress.TryParse(host, out _)) ? "the host is not a valid IPv4 address (four numbers from 0 to 255)" : null;
    }

    private static bool IsIPv6(string host) =>
        host.Contains(':', StringComparison.Ordinal) && !host.Contains('[', StringComparison.Ordinal)
        && IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;
}
