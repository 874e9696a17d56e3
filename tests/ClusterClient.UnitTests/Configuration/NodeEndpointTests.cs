// How the address of a server is read and written.
namespace ClusterClient.UnitTests.Configuration;

public class NodeEndpointTests
{
    [Theory]
    [InlineData("localhost", "localhost", 6379, "localhost:6379")]
    [InlineData("localhost:7000", "localhost", 7000, "localhost:7000")]
    [InlineData("redis_1.my-net.example.com.:1", "redis_1.my-net.example.com.", 1, "redis_1.my-net.example.com.:1")]
    [InlineData("10.0.0.1:65535", "10.0.0.1", 65535, "10.0.0.1:65535")]
    [InlineData("[::1]", "::1", 6379, "[::1]:6379")]
    [InlineData("[2001:db8::7]:7000", "2001:db8::7", 7000, "[2001:db8::7]:7000")]
    [InlineData("bücher.example:7000", "bücher.example", 7000, "bücher.example:7000")]
    [InlineData("unix:/run/redis.sock", "/run/redis.sock", -1, "unix:/run/redis.sock")]
    [InlineData("unix:7000", "unix", 7000, "unix:7000")]
    public void Reads_and_writes(string text, string host, int port, string written)
    {
        Assert.True(NodeEndpoint.TryParse(text, out NodeEndpoint endpoint));
        Assert.Equal(new NodeEndpoint(host, port), endpoint);
        Assert.Equal(written, endpoint.ToString());
        Assert.Equal(endpoint, NodeEndpoint.Parse(written));
        Assert.Equal(port == -1, endpoint.IsUnixSocket);
    }

    [Theory]
    [InlineData("", "no host")]
    [InlineData(":7000", "no host")]
    [InlineData("host:", "port of 'host'")]
    [InlineData("host:0", "1 to 65535")]
    [InlineData("host:65536", "1 to 65535")]
    [InlineData("host:-1", "1 to 65535")]
    [InlineData("host:+1", "1 to 65535")]
    [InlineData("host: 1", "1 to 65535")]
    [InlineData("host:7000:7001", "several colons")]
    [InlineData("::1", "[address]:port")]
    [InlineData("[::1", "[address]")]
    [InlineData("[::1]7000", "[address]:port")]
    [InlineData("[]", "[address]")]
    [InlineData("[127.0.0.1]:7000", "IPv6")]
    [InlineData("[::1]:x", "1 to 65535")]
    [InlineData("a b", "DNS name")]
    [InlineData("a..b", "DNS name")]
    [InlineData(".", "DNS name")]
    [InlineData("a/b", "DNS name")]
    [InlineData("user@host", "DNS name")]
    [InlineData("256.1.1.1", "IPv4")]
    [InlineData("1.2.3", "IPv4")]
    [InlineData("1.2.3.4.5", "IPv4")]
    [InlineData("unix:a/b", "must be absolute")]
    [InlineData("unix:/a\0b", "null character")]
    public void Refuses_and_says_why(string text, string reason)
    {
        Assert.False(NodeEndpoint.TryParse(text, out _));
        ArgumentException error = Assert.Throws<ArgumentException>(() => NodeEndpoint.Parse(text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_or_label_that_is_too_long_is_refused()
    {
        Assert.True(NodeEndpoint.TryParse(new string('a', 63), out _));
        Assert.False(NodeEndpoint.TryParse(new string('a', 64), out _));
        Assert.False(NodeEndpoint.TryParse(string.Join('.', Enumerable.Repeat("abcdefg", 40)), out _));
    }

    [Fact]
    public void Nothing_is_no_endpoint_and_the_default_value_prints()
    {
        Assert.False(NodeEndpoint.TryParse(null, out _));
        Assert.Throws<ArgumentNullException>(() => NodeEndpoint.Parse(null!));
        Assert.Equal("(none)", default(NodeEndpoint).ToString());
    }

    [Fact]
    public void A_socket_that_no_system_can_open_is_refused()
    {
        Assert.True(NodeEndpoint.TryParse("unix:/" + new string('a', 106), out _));
        Assert.False(NodeEndpoint.TryParse("unix:/" + new string('a', 107), out _));
        Assert.Throws<ArgumentException>(() => NodeEndpoint.Unix("/" + new string('a', 107)));
        Assert.Throws<ArgumentException>(() => NodeEndpoint.Unix("/a\0b"));
    }

    [Fact]
    public void A_relative_socket_becomes_absolute() =>
        Assert.Equal(Path.Combine(Directory.GetCurrentDirectory(), "redis.sock"), NodeEndpoint.Unix("redis.sock").Host);
}
