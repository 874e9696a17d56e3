// Credentials, TLS and sockets against real servers: what works, and what the error says when it does not.
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Connecting;

[Trait("Suite", "Connecting")]
public sealed class SecurityTests
{
    private const string Password = "p@ss:w/rd%21";

    [Fact]
    public async Task A_password_is_taken_from_the_connection_string_and_a_wrong_one_is_named_without_being_shown()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { Password = Password });
        await using (RedisClient redis = await RedisClient.ConnectAsync(server.ConnectionString))
        {
            Assert.True(await redis.StringSetAsync("k", "v"));
        }

        RedisConnectionException wrong = await FailsAsync($"redis://:not-the-password@{server.Nodes[0]}");
        Assert.Equal(ConnectionFailure.Authentication, wrong.Failure);
        Assert.Contains(server.Nodes[0].ToString(), wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", wrong.ToString(), StringComparison.Ordinal);

        RedisConnectionException none = await FailsAsync($"redis://{server.Nodes[0]}");
        Assert.Equal(ConnectionFailure.Authentication, none.Failure);
    }

    [Fact]
    public async Task An_ACL_user_works_within_its_permissions_and_hears_what_it_lacks()
    {
        LocalTopologyOptions options = new() { Password = Password };
        options.AclUsers.Add(new LocalAclUser("reader", "secret", "~* +@read +@connection"));
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(options);
        await using RedisClient redis = await RedisClient.ConnectAsync($"redis://reader:secret@{server.Nodes[0]}");
        Assert.True((await redis.StringGetAsync("missing")).IsNull);
        RedisServerException refused = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.StringSetAsync("k", "v"));
        Assert.Equal("NOPERM", refused.Code);
        Assert.Equal(Outcome.Rejected, refused.Outcome);
    }

    [Fact]
    public async Task Credentials_that_rotate_are_asked_for_at_each_connect()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { Password = Password });
        int asked = 0;
        RedisClientOptions options = RedisClientOptions.Parse($"redis://{server.Nodes[0]}");
        options.CredentialsProvider = _ =>
        {
            Interlocked.Increment(ref asked);
            return ValueTask.FromResult(new RedisCredentials(null, Password));
        };
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        await redis.StringSetAsync("k", 1);
        int before = Volatile.Read(ref asked);
        await server.Nodes[0].KillAsync();
        await server.Nodes[0].RestartAsync();
        _ = await redis.WithTimeout(TimeSpan.FromSeconds(20)).StringGetAsync("k");
        Assert.True(Volatile.Read(ref asked) > before, "A reconnect must ask for fresh credentials.");
    }

    [Fact]
    public async Task TLS_is_spoken_with_validation_and_a_client_certificate()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { UseTls = true, RequireClientCertificate = true });
        RedisClientOptions options = RedisClientOptions.Parse(server.ConnectionString);
        options.RemoteCertificateValidation = (_, certificate, _, errors) => IsSignedBy(server.Tls!.CaCertificate, certificate, errors);
        options.ClientCertificates = [server.Tls!.ClientCertificate];
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        byte[] large = new byte[1_000_000];
        new Random(1).NextBytes(large);
        await redis.StringSetAsync("large", large);
        using Lease back = await redis.StringGetLeaseAsync("large");
        Assert.True(back.Span.SequenceEqual(large));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await redis.StringSetAsync($"k{i}", i);
            Assert.Equal(i, await redis.StringGetAsync<int>($"k{i}"));
        }));
    }

    [Fact]
    public async Task TLS_errors_say_what_is_wrong()
    {
        await using LocalStandalone secure = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { UseTls = true });
        RedisConnectionException untrusted = await FailsAsync(secure.ConnectionString);
        Assert.Equal(ConnectionFailure.Tls, untrusted.Failure);
        Assert.Contains("certificate", untrusted.Message, StringComparison.OrdinalIgnoreCase);

        RedisConnectionException plain = await FailsAsync($"redis://{secure.Nodes[0]}?connectTimeout=2s");
        Assert.Contains("TLS", plain.Message, StringComparison.Ordinal);

        await using LocalStandalone open = await LocalTopology.StartStandaloneAsync();
        RedisConnectionException noTls = await FailsAsync($"rediss://{open.Nodes[0]}?connectTimeout=2s");
        Assert.Contains("TLS", noTls.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_TLS_that_admits_no_more_clients_or_wants_another_certificate_is_not_taken_for_dead()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { UseTls = true, RequireClientCertificate = true });
        RedisClientOptions options = RedisClientOptions.Parse(server.ConnectionString);
        options.RemoteCertificateValidation = (_, certificate, _, errors) => IsSignedBy(server.Tls!.CaCertificate, certificate, errors);
        RedisConnectionException without = await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(options));
        Assert.Contains("client's certificate", without.Message, StringComparison.Ordinal);

        using X509Certificate2 others = SelfSigned();
        options.ClientCertificates = [others];
        for (int i = 0; i < 10; i++) CheckAlive(await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(options)));

        options.ClientCertificates = [server.Tls!.ClientCertificate];
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        await redis.ExecuteAsync("CONFIG", "SET", "maxclients", 1);
        for (int i = 0; i < 10; i++) CheckAlive(await Assert.ThrowsAsync<RedisConnectionException>(async () => await RedisClient.ConnectAsync(options)));

        static void CheckAlive(RedisConnectionException failure)
        {
            RedisConnectionException ofNode = Assert.IsType<RedisConnectionException>(failure.InnerException);
            Assert.True(ofNode.LeavesNodeAlive, ofNode.ToString());
        }
    }

    [Fact]
    public async Task A_cluster_with_TLS_and_a_password_is_found_from_one_node()
    {
        await using LocalCluster cluster = await LocalTopology.StartClusterAsync(3, 0, new LocalTopologyOptions { UseTls = true, Password = Password });
        RedisClientOptions options = RedisClientOptions.Parse(cluster.ConnectionString);
        options.RemoteCertificateValidation = (_, certificate, _, errors) => IsSignedBy(cluster.Tls!.CaCertificate, certificate, errors);
        options.ClientCertificates = [cluster.Tls!.ClientCertificate];
        await using RedisClient redis = await RedisClient.ConnectAsync(options);
        Assert.Equal(3, redis.Topology.Masters.Length);
        for (int i = 0; i < 100; i++)
        {
            await redis.StringSetAsync($"k{i}", i);
            Assert.Equal(i, await redis.StringGetAsync<int>($"k{i}"));
        }
    }

    [Fact]
    public async Task A_Unix_socket_a_database_and_RESP2_work()
    {
        await using LocalStandalone server = await LocalTopology.StartStandaloneAsync(new LocalTopologyOptions { UnixSocket = true });
        await using RedisClient overUnix = await RedisClient.ConnectAsync($"redis+unix://{server.Nodes[0].UnixSocketPath}");
        await overUnix.StringSetAsync("k", "zero");

        await using RedisClient second = await RedisClient.ConnectAsync($"redis://{server.Nodes[0]}/2?protocol=resp2&clientName=second");
        Assert.True((await second.StringGetAsync("k")).IsNull);
        await second.StringSetAsync("k", "two");
        Assert.Equal("zero", (string?)await overUnix.StringGetAsync("k"));
        Assert.Equal("two", (string?)await second.StringGetAsync("k"));
        Assert.Equal("second", (await second.ExecuteAsync("CLIENT", "GETNAME")).AsString());
    }

    [Fact]
    public async Task Nobody_at_home_is_said_at_once_and_names_every_seed()
    {
        RedisConnectionException refused = await FailsAsync("redis://127.0.0.1:1,127.0.0.1:2?connectTimeout=30s");
        Assert.Contains("127.0.0.1:1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("refused", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Outcome.NotExecuted, refused.Outcome);
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static async Task<RedisConnectionException> FailsAsync(string connectionString)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(25));
        return await Assert.ThrowsAsync<RedisConnectionException>(async () =>
        {
            await using RedisClient redis = await RedisClient.ConnectAsync(connectionString, limit.Token);
        });
    }

    /// <summary>The server's name must fit and its chain end at the topology's own authority; only that the authority is unknown to the system is excused.</summary>
    private static bool IsSignedBy(X509Certificate2 authority, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(leaf);
    }
}
