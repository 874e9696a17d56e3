// Passwords, named users and TLS.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public class SecurityTests
{
    [Fact]
    public async Task A_password_is_asked_for_and_stands_in_the_connection_string()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync(new() { Password = "p@ss/w:rd" });

        Assert.Equal($"redis://default:p%40ss%2Fw%3Ard@127.0.0.1:{topology.Node.Port}", topology.ConnectionString);
        Assert.Equal("PONG", (await topology.Node.ExecuteAsync("PING")).Text);
        Assert.StartsWith("-NOAUTH", await AskAsync(topology.Node, null, "PING"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_user_may_do_what_its_rules_allow()
    {
        var options = new LocalTopologyOptions { Password = "admin" };
        options.AclUsers.Add(new LocalAclUser("reader", "secret", "~* +@read +ping"));
        await using var topology = await LocalTopology.StartStandaloneAsync(options);

        Assert.Equal($"redis://reader:secret@127.0.0.1:{topology.Node.Port}", topology.ConnectionStringFor("reader"));
        Assert.Equal("+OK\r\n$-1\r\n", await AskAsync(topology.Node, null, "AUTH reader secret", "GET key"));
        Assert.StartsWith("+OK\r\n-NOPERM", await AskAsync(topology.Node, null, "AUTH reader secret", "SET key value"), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => topology.ConnectionStringFor("stranger"));
        Assert.DoesNotContain("secret", options.AclUsers[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_is_trusted_through_its_own_authority_only()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync(new() { UseTls = true, Password = "admin" });

        Assert.Equal($"rediss://default:admin@127.0.0.1:{topology.Node.Port}", topology.ConnectionString);
        Assert.Equal("+OK\r\n+PONG\r\n", await AskAsync(topology.Node, topology.Tls!.ClientOptions("127.0.0.1"), "AUTH admin", "PING"));
        await Assert.ThrowsAsync<AuthenticationException>(() => AskAsync(topology.Node, new SslClientAuthenticationOptions { TargetHost = "127.0.0.1" }, "PING"));
        Assert.True(File.Exists(topology.Tls.CaPath) && File.Exists(topology.Tls.ClientCertificatePath) && File.Exists(topology.Tls.ClientKeyPath));
    }

    [Fact]
    public async Task A_client_certificate_is_required_where_asked()
    {
        await using var topology = await LocalTopology.StartStandaloneAsync(new() { UseTls = true, RequireClientCertificate = true });
        var without = topology.Tls!.ClientOptions("127.0.0.1");
        without.ClientCertificates = null;

        Assert.Equal("+PONG\r\n", await AskAsync(topology.Node, topology.Tls.ClientOptions("127.0.0.1"), "PING"));
        // TLS 1.3 tells of a missing certificate only after the handshake: as an error of the connection or its end.
        var refused = await Record.ExceptionAsync(async () => Assert.Equal("", await AskAsync(topology.Node, without, "PING")));
        Assert.True(refused is null or IOException or AuthenticationException, refused?.ToString());
    }

    [Fact]
    public async Task A_cluster_with_password_and_tls_replicates_and_moves_slots()
    {
        await using var cluster = await LocalTopology.StartClusterAsync(2, 1, new() { UseTls = true, Password = "admin" });
        var masters = await cluster.GetMastersAsync();
        var slot = await cluster.GetSlotOfAsync("key");
        var owner = await cluster.GetSlotOwnerAsync(slot);
        await owner.ExecuteAsync("SET", "key", "value");

        var target = masters.First(master => master != owner);
        await cluster.MoveSlotsAsync([slot], owner, target);

        Assert.Equal("value", (await target.ExecuteAsync("GET", "key")).Text);
        Assert.Equal(2, (await cluster.GetReplicasAsync()).Count);
    }

    [Theory]
    [InlineData("with blank")]
    [InlineData("with\nline")]
    [InlineData("")]
    public async Task A_password_that_would_break_a_configuration_file_is_refused(string password)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => LocalTopology.StartStandaloneAsync(new() { Password = password }));
        Assert.Contains("Password", error.Message, StringComparison.Ordinal);
    }

    // A bare connection: what a client of any kind would see.
    private static async Task<string> AskAsync(LocalNode node, SslClientAuthenticationOptions? tls, params string[] commands)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        using var client = new TcpClient();
        await client.ConnectAsync(node.Host, node.Port, limit.Token);
        Stream stream = client.GetStream();
        if (tls is not null)
        {
            var secure = new SslStream(stream);
            await secure.AuthenticateAsClientAsync(tls, limit.Token);
            stream = secure;
        }
        var answers = new StringBuilder();
        foreach (var command in commands)
        {
            var words = command.Split(' ');
            var frame = $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(frame), limit.Token);
            var buffer = new byte[4096];
            answers.Append(Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, limit.Token)));
        }
        return answers.ToString();
    }
}
