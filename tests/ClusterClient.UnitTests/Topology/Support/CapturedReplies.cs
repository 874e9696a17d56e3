// The replies of real servers that are embedded beside these tests; Replies/README.md says how they came about.
using System.Text;

namespace ClusterClient.UnitTests.Topology.Support;

internal static class CapturedReplies
{
    private static readonly Dictionary<string, Dictionary<string, byte[]>> _byServer = All.ToDictionary(server => server, Read);

    public static string[] All => ["redis-7.0", "redis-8.0", "valkey-8.1", "valkey-9.1", "garnet"];

    public static string[] RedisAndValkey => All[..4];

    public static IEnumerable<string> Names(string server) => _byServer[server].Keys;

    public static byte[] Get(string server, string scenario, string command, int protocol) => Get(server, $"{scenario}.{command}.resp{protocol}");

    public static byte[] Get(string server, string name) =>
        _byServer[server].TryGetValue(name, out byte[]? reply) ? reply : throw new ArgumentException($"{server} has no reply '{name}'.", nameof(name));

    /// <summary>Rows of server and protocol.</summary>
    public static TheoryData<string, int> Rows(string[] servers)
    {
        var rows = new TheoryData<string, int>();
        foreach (string server in servers)
        {
            rows.Add(server, 2);
            rows.Add(server, 3);
        }

        return rows;
    }

    private static Dictionary<string, byte[]> Read(string server)
    {
        using Stream stream = typeof(CapturedReplies).Assembly.GetManifestResourceStream($"{server}.resp") ?? throw new FileNotFoundException($"{server}.resp is not embedded.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        ReadOnlySpan<byte> rest = memory.ToArray();
        var replies = new Dictionary<string, byte[]>();
        while (rest.Length > 0)
        {
            int end = rest.IndexOf((byte)'\n');
            string[] head = Encoding.ASCII.GetString(rest[1..end]).Split(' ');
            int length = int.Parse(head[1], System.Globalization.CultureInfo.InvariantCulture);
            replies.Add(head[0], rest.Slice(end + 1, length).ToArray());
            rest = rest[(end + 1 + length + 1)..];
        }

        return replies;
    }
}
