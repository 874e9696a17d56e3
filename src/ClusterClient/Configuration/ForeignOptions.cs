// What those who come from another client for .NET write in a connection string, and what to write here.
using System.Collections.Frozen;

namespace ClusterClient.Configuration;

/// <summary>Options of StackExchange.Redis that have another name, or no need, here.</summary>
internal static class ForeignOptions
{
    private static readonly FrozenDictionary<string, string> _advice = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["syncTimeout"] = "commandTimeout does that, in 5s or 500ms",
        ["asyncTimeout"] = "commandTimeout does that, in 5s or 500ms",
        ["responseTimeout"] = "hangTimeout does that",
        ["abortConnect"] = "ConnectAsync fails when no server can be reached, RedisClient.Create connects in the background",
        ["ssl"] = $"begin with {ConnectionStringWriter.Tls} for TLS",
        ["sslHost"] = "tlsServerName does that",
        ["defaultDatabase"] = "the database stands behind the servers, as in redis://host/1",
        ["keepAlive"] = "heartbeatInterval does that",
        ["name"] = "clientName does that",
        ["connectRetry"] = "the client goes on connecting for as long as it lives, with pauses of reconnectBackoffMin to reconnectBackoffMax",
        ["allowAdmin"] = "it is not needed: what a user may do is for the server's ACL to say",
        ["configCheckSeconds"] = "topologyRefreshInterval does that",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>What to write in place of an option that is unknown here; null when it is no other client's either.</summary>
    internal static string? AdviceFor(string name) => _advice.GetValueOrDefault(name);

    /// <summary>Whether a text without a scheme has the form host[:port][,host…],option=value[,…].</summary>
    internal static bool IsTheirForm(string text)
    {
        string[] parts = text.Split(',');
        return parts.Length > 0
            && EndpointText.TryRead(parts[0].Trim(), out _, out _)
            && !text.Contains("://", StringComparison.Ordinal);
    }
}
