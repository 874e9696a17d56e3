// Each way in which a connection cannot be made: one clear error that names the node and the cause, at connect time and to those who wait.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class HandshakeErrorTests
{
    [Fact]
    public async Task Wrong_password()
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("default", "right");
        RedisConnectionException failure = await FailAsync(server, static o => o.Password = "wr0ng-secret");
        Check(failure, server, ConnectionFailure.Authentication, "The user name or the password is wrong", "WRONGPASS");
        Assert.DoesNotContain("wr0ng-secret", failure.ToString(), StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task Wrong_password_in_resp2()
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("ada", "right");
        server.Handshake.KnowsHello = false;
        Check(await FailAsync(server, static o => (o.User, o.Password) = ("ada", "wrong")), server, ConnectionFailure.Authentication, "WRONGPASS");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_password_where_one_is_wanted(bool knowsHello)
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("default", "right");
        server.Handshake.KnowsHello = knowsHello;
        Check(await FailAsync(server), server, ConnectionFailure.Authentication, "wants a password and none is configured", "NOAUTH");
    }

    [Fact]
    public async Task A_password_where_none_is_wanted()
    {
        await using FakeServer server = new();
        server.Handshake.KnowsHello = false;
        Check(await FailAsync(server, static o => o.Password = "x"), server, ConnectionFailure.Authentication, "without any password configured");
    }

    [Fact]
    public async Task No_permission()
    {
        await using FakeServer server = new();
        server.On("HELLO", FakeAnswer.Error("NOPERM User ada has no permissions to run the 'hello' command"));
        server.On("AUTH", FakeAnswer.Ok);
        server.On("SELECT", FakeAnswer.Error("NOPERM User ada has no permissions to run the 'select' command"));
        Check(await FailAsync(server, static o => (o.User, o.Password, o.Database) = ("ada", "x", 3)), server, ConnectionFailure.Permission, "NOPERM", "'select'");
    }

    [Fact]
    public async Task Protected_mode()
    {
        await using FakeServer server = new();
        server.Greeting = static _ => FakeAnswer.Error("DENIED Redis is running in protected mode because protected mode is enabled.").Then(FakeAnswer.Close);
        Check(await FailAsync(server), server, ConnectionFailure.Permission, "protected mode");
    }

    [Theory]
    [InlineData(RedisProtocol.Resp3)]
    [InlineData(RedisProtocol.Resp2)]
    public async Task Max_clients_is_said_before_anything_is_asked(RedisProtocol protocol)
    {
        await using FakeServer server = new();
        server.Greeting = static _ => FakeAnswer.Error("ERR max number of clients reached").Then(FakeAnswer.Close);
        for (int i = 0; i < 20; i++)
            Check(await FailAsync(server, o => o.Protocol = protocol), server, ConnectionFailure.Refused, "maxclients", "max number of clients reached");
    }

    [Fact]
    public async Task A_database_that_is_not_there()
    {
        await using FakeServer server = new();
        server.On("SELECT", FakeAnswer.Error("ERR DB index is out of range"));
        Check(await FailAsync(server, static o => o.Database = 99), server, ConnectionFailure.Database, "DB index is out of range");
    }

    [Fact]
    public async Task An_http_server()
    {
        await using FakeServer server = new();
        server.Greeting = static _ => FakeAnswer.Raw("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").Then(FakeAnswer.Close);
        Check(await FailAsync(server), server, ConnectionFailure.Protocol, "is not a Redis server", "HTTP/1.1");
    }

    [Fact]
    public async Task A_server_that_closes_at_once()
    {
        await using FakeServer server = new();
        server.Greeting = static _ => FakeAnswer.Close;
        RedisConnectionException failure = await FailAsync(server);
        Check(failure, server, ConnectionFailure.Lost);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task A_server_that_closes_instead_of_answering()
    {
        await using FakeServer server = new();
        server.On("HELLO", FakeAnswer.Close);
        Check(await FailAsync(server), server, ConnectionFailure.Lost, "closed the connection", "rediss://");
    }

    [Fact]
    public async Task A_server_that_never_answers()
    {
        await using FakeServer server = new();
        server.On("HELLO", FakeAnswer.Hang);
        await CheckSilentAsync(server, static o => o.ConnectTimeout = TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle_of_the_handshake()
    {
        await using FakeServer server = new();
        server.On("SELECT", FakeAnswer.Hang);
        await CheckSilentAsync(server, static o => (o.ConnectTimeout, o.Database) = (TimeSpan.FromMilliseconds(250), 1));
    }

    [Fact]
    public async Task Nobody_listens()
    {
        await using FakeServer server = new();
        server.StopListening();
        Check(await FailAsync(server), server, ConnectionFailure.Refused, "nothing listens there");
    }

    [Fact]
    public async Task A_name_that_does_not_resolve()
    {
        NodeEndpoint endpoint = new("no-such-host.invalid", 6379);
        await using NodeHarness node = new(endpoint);
        node.Node.Start();
        await Until.HoldsAsync(() => node.Failures.Count > 0);
        RedisConnectionException failure = node.Failures.First();
        Assert.Equal(ConnectionFailure.Unreachable, failure.Failure);
        Assert.Contains("no-such-host.invalid:6379 cannot be resolved", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_wanted_from_a_port_without_it()
    {
        await using FakeServer server = new();
        RedisConnectionException failure = await FailAsync(server, static o => o.Tls = true);
        Check(failure, server, ConnectionFailure.Tls, "Does that port speak TLS");
    }

    [Fact]
    public async Task No_tls_towards_a_port_that_wants_it()
    {
        using X509Certificate2 certificate = SelfSigned();
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeTlsAsync(listener, certificate);
        NodeEndpoint endpoint = new("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port);
        await using (NodeHarness node = new(endpoint))
        {
            node.Node.Start();
            await Until.HoldsAsync(() => node.Failures.Count > 0);
            RedisConnectionException failure = node.Failures.First();
            Assert.True(failure.Failure is ConnectionFailure.Protocol or ConnectionFailure.Lost, failure.ToString());
            Assert.Contains($"{endpoint} is not a Redis server, or speaks TLS only", failure.Message, StringComparison.Ordinal);
        }

        listener.Stop();
        await Until.EndsAsync(serving);
    }

    [Fact]
    public async Task A_certificate_nobody_vouches_for()
    {
        using X509Certificate2 certificate = SelfSigned();
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeTlsAsync(listener, certificate);
        NodeEndpoint endpoint = new("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndpoint).Port);
        await using (NodeHarness node = new(endpoint, static o => o.Tls = true))
        {
            node.Node.Start();
            await Until.HoldsAsync(() => node.Failures.Count > 0);
            RedisConnectionException failure = node.Failures.First();
            Assert.Equal((ConnectionFailure.Tls, true), (failure.Failure, failure.LeavesNodeAlive));
            Assert.Contains($"TLS handshake with {endpoint} failed", failure.Message, StringComparison.Ordinal);
            Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
        }

        listener.Stop();
        await Until.EndsAsync(serving);
    }

    [Fact]
    public async Task Who_waits_hears_of_a_wrong_password_or_database_at_once_and_of_other_causes_at_the_deadline()
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("default", "right");
        await using NodeHarness node = new(server, static o => o.Password = "wrong");
        RedisConnectionException refused = await Until.FailsAsync<RedisConnectionException, RedisValue>(node.StringGetAsync("k"));
        Check(refused, server, ConnectionFailure.Authentication, "WRONGPASS");

        await using FakeServer small = new();
        small.On("SELECT", FakeAnswer.Error("ERR DB index is out of range"));
        await using NodeHarness outOfRange = new(small, static o => o.Database = 20);
        RedisConnectionException absent = await Until.FailsAsync<RedisConnectionException, RedisValue>(outOfRange.StringGetAsync("k"));
        Check(absent, small, ConnectionFailure.Database, "database that is configured");
        Assert.False(absent.IsTransient);

        await using FakeServer closed = new();
        closed.StopListening();
        await using NodeHarness other = await new NodeHarness(closed, static o => o.CommandTimeout = TimeSpan.FromMilliseconds(300)).StartedAsync();
        await Until.HoldsAsync(() => other.Failures.Count > 0);
        RedisTimeoutException late = await Until.FailsAsync<RedisTimeoutException, RedisValue>(other.StringGetAsync("k"));
        Assert.Equal((CommandStage.WaitingForConnection, Outcome.NotExecuted, "GET", closed.Name), (late.Stage, late.Outcome, late.CommandName, late.Node));
        Assert.Equal(ConnectionFailure.Refused, Assert.IsType<RedisConnectionException>(late.InnerException).Failure);
        Assert.Contains("refused the connection", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_says_it_when_it_connects()
    {
        await using FakeServer server = new();
        server.Handshake.Credentials = ("default", "right");
        RedisConnectionException failure = await Until.FailsAsync<RedisConnectionException, RedisClient>(
            RedisClient.ConnectAsync(TestClient.Options(server.Endpoint, static o => o.Password = "wrong")));
        Assert.Equal(ConnectionFailure.Authentication, failure.Failure);
        Assert.Contains(server.Name, failure.Message, StringComparison.Ordinal);
        Assert.Contains("WRONGPASS", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<RedisConnectionException> FailAsync(FakeServer server, Action<RedisClientOptions>? configure = null)
    {
        await using NodeHarness node = new(server, configure);
        node.Node.Start();
        await Until.HoldsAsync(() => node.Failures.Count > 0 || node.Node.IsConnected, node.Log.ToString);
        Assert.True(node.Failures.Count > 0, "It connected.");
        return node.Failures.First();
    }

    private static async Task CheckSilentAsync(FakeServer server, Action<RedisClientOptions> configure)
    {
        // On a busy machine the first timeout may pass before there is anything to be silent.
        const string Said = "did not answer the handshake within the connect timeout";
        await using NodeHarness node = await new NodeHarness(server, configure).StartedAsync();
        await Until.HoldsAsync(() => node.Failures.Any(static failure => failure.Message.Contains(Said, StringComparison.Ordinal)), node.Log.ToString);
        Assert.All(node.Failures, failure => Check(failure, server, ConnectionFailure.TimedOut));
    }

    private static void Check(RedisConnectionException failure, FakeServer server, ConnectionFailure cause, params string[] words)
    {
        Assert.True(cause == failure.Failure, $"{failure.Failure}: {failure.Message}");
        Assert.Equal(Outcome.NotExecuted, failure.Outcome);

        // What answered in its own words, or failed over certificates, is no dead node; what answers in another protocol is not that node.
        Assert.Equal(failure.InnerException is RedisServerException || cause == ConnectionFailure.Tls, failure.LeavesNodeAlive);
        Assert.Equal(server.Name, failure.Node);
        Assert.Contains(server.Name, failure.Message, StringComparison.Ordinal);
        foreach (string word in words) Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    private static async Task ServeTlsAsync(TcpListener listener, X509Certificate2 certificate)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                using SslStream secure = new(client.GetStream());
                try
                {
                    await secure.AuthenticateAsServerAsync(certificate);
                }
                catch (Exception failure) when (failure is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // What the client does about it is the test.
                }
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=fake", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
