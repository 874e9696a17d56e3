// One event that a Sentinel publishes: what happened to which server of which master.
using System.Globalization;
using System.Text;

namespace ClusterClient.Topology.Sentinel;

/// <param name="Name">The channel: <c>+switch-master</c>, <c>+selected-slave</c>, <c>+sdown</c>…</param>
/// <param name="Service">The master's name.</param>
/// <param name="Subject">The announced address of the server it is about; of <c>+switch-master</c> the new master.</param>
internal sealed record SentinelEvent(string Name, string Service, NodeEndpoint Subject)
{
    /// <summary>What is listened to on every Sentinel.</summary>
    public static IReadOnlyList<string> Channels { get; } =
    [
        "+selected-slave", "+promoted-slave", "+switch-master", "+failover-end", "-failover-abort-not-elected", "-failover-abort-no-good-slave", "-failover-abort-slave-timeout",
        "+slave", "+sdown", "-sdown", "+odown", "-odown", "+reboot", "+sentinel", "+convert-to-slave", "+fix-slave-config", "-role-change", "+role-change",
    ];

    /// <summary>Reads an event; null when it is none that concerns servers.</summary>
    public static SentinelEvent? Read(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        string name = Encoding.UTF8.GetString(channel);
        string[] words = Encoding.UTF8.GetString(payload).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // <master name> <old ip> <old port> <new ip> <new port>
        if (name is "+switch-master") return words.Length >= 5 && Address(words[3], words[4]) is { } next ? new(name, words[0], next) : null;

        // <type> <name> <ip> <port> [@ <master name> <master ip> <master port>]
        if (words.Length < 4 || Address(words[2], words[3]) is not { } subject) return null;
        int at = Array.IndexOf(words, "@");
        string? service = at >= 0 ? words.ElementAtOrDefault(at + 1) : words[0] is "master" ? words[1] : null;
        return service is null ? null : new(name, service, subject);
    }

    private static NodeEndpoint? Address(string host, string port)
        => ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0 ? new NodeEndpoint(host, number) : null;
}
