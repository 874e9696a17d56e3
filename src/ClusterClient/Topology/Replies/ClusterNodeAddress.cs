// Reads the address field of CLUSTER NODES: ip:port[@cport][,hostname[,aux=value]*].
using System.Collections.Immutable;
using System.Globalization;

namespace ClusterClient.Topology.Replies;

internal static class ClusterNodeAddress
{
    private const string Reply = "CLUSTER NODES";

    public static ClusterNodesEntry Parse(string id, string field, string what)
    {
        string[] parts = field.Split(',');
        ReadOnlySpan<char> address = parts[0];
        ReadOnlySpan<char> busPort = "0";
        int at = address.LastIndexOf('@');
        if (at >= 0)
        {
            busPort = address[(at + 1)..];
            address = address[..at];
        }

        // The last colon: an IPv6 address stands without brackets.
        int colon = address.LastIndexOf(':');
        if (colon < 0 || !Port(address[(colon + 1)..], out int port) || port > ushort.MaxValue || !Port(busPort, out int bus))
        {
            return ReplyShape.Throw<ClusterNodesEntry>(Reply, what, $"expected an address, found {ReplyShape.Show(field)}");
        }

        ReadOnlySpan<char> host = address[..colon];
        if (host is ['[', .., ']']) host = host[1..^1];
        return new(id, host.ToString(), port)
        {
            BusPort = bus,
            Hostname = parts.Length > 1 && parts[1].Length > 0 && !parts[1].Contains('=', StringComparison.Ordinal) ? parts[1] : null,
            AuxiliaryFields = Auxiliary(parts.AsSpan(1)),
        };
    }

    private static ImmutableDictionary<string, string> Auxiliary(ReadOnlySpan<string> parts)
    {
        ImmutableDictionary<string, string>.Builder? fields = null;
        foreach (string part in parts)
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) (fields ??= ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal))[part[..equals]] = part[(equals + 1)..];
        }

        return fields?.ToImmutable() ?? ImmutableDictionary<string, string>.Empty;
    }

    // A bus port above 65535 comes from a wrong configuration, which is not ours to judge: only its digits count.
    private static bool Port(ReadOnlySpan<char> text, out int port) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
