// The snapshot the running client uses: complete, and out of reach of later changes.
using ClusterClient.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterClient.UnitTests.Configuration;

public class ClientSettingsTests
{
    [Fact]
    public void Holds_what_the_options_said()
    {
        ClientSettings settings = RedisClientOptions.Parse(
            "redis://a:1,b:2/3?clientName=x&connectTimeout=7s&commandTimeout=250ms&heartbeatInterval=2s&hangTimeout=9s&reconnectBackoffMin=5ms&reconnectBackoffMax=6s" +
            "&maxInFlightCommands=11&maxInFlightBytes=1MiB&maxWaitingCommands=12&maxWaitingBytes=2MiB&topologyRefreshInterval=13s&maxRedirects=14&retryPolicy=all&maxReplyLength=15MiB&protocol=resp2&topology=cluster").Snapshot();
        Assert.Equal(new NodeEndpoint[] { new("a", 1), new("b", 2) }, settings.Endpoints.AsEnumerable());
        Assert.Equal((3, "x", RedisProtocol.Resp2, TopologyMode.Cluster, RetryPolicy.All), (settings.Database, settings.ClientName, settings.Protocol, settings.Topology, settings.RetryPolicy));
        Assert.Equal((7000, 250, 2000, 9000), (settings.ConnectTimeoutMilliseconds, settings.CommandTimeoutMilliseconds, settings.HeartbeatIntervalMilliseconds, settings.HangTimeoutMilliseconds));
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9)), (settings.ConnectTimeout, settings.CommandTimeout, settings.HeartbeatInterval, settings.HangTimeout));
        Assert.Equal((TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(13)), (settings.ReconnectBackoffMin, settings.ReconnectBackoffMax, settings.TopologyRefreshInterval));
        Assert.Equal((11, 1L << 20, 12, 2L << 20, 14, 15 << 20), (settings.MaxInFlightCommands, settings.MaxInFlightBytes, settings.MaxWaitingCommands, settings.MaxWaitingBytes, settings.MaxRedirects, settings.MaxReplyLength));
        Assert.Same(NullLoggerFactory.Instance, settings.LoggerFactory);
        Assert.Equal(new NodeEndpoint("n", 1), settings.Map(new("n", 1)));
    }

    [Fact]
    public void A_bound_on_age_survives_the_text_form_whichever_way_it_was_given()
    {
        RedisClientOptions options = new() { Endpoints = { new("a", 1) }, ReadFrom = ReadFrom.ReplicaPreferred.WithMaxStaleness(TimeSpan.FromMilliseconds(100)) };
        Assert.Equal("redis://a:1?readFrom=replicaPreferred&maxStaleness=100ms", options.ToString());
        ReadFrom read = RedisClientOptions.Parse(options.ToString()).Snapshot().ReadFrom;
        Assert.Equal((ReadPolicy.ReplicaPreferred, TimeSpan.FromMilliseconds(100)), (read.Policy, read.MaxStaleness));

        // As in the settings, the option's own wins; and a policy that has no text form takes its bound with it.
        options.MaxStaleness = TimeSpan.FromMilliseconds(200);
        Assert.Equal("redis://a:1?readFrom=replicaPreferred&maxStaleness=200ms", options.ToString());
        Assert.Equal(TimeSpan.FromMilliseconds(200), options.Snapshot().ReadFrom.MaxStaleness);
        (options.MaxStaleness, options.ReadFrom) = (TimeSpan.Zero, ReadFrom.Custom(static _ => 0).WithMaxStaleness(TimeSpan.FromMilliseconds(100)));
        Assert.Equal("redis://a:1", options.ToString());
    }

    [Fact]
    public void Later_changes_do_not_reach_it()
    {
        RedisClientOptions options = new() { Endpoints = { new("a", 1) }, Tls = true, ClientCertificates = [] };
        ClientSettings settings = options.Snapshot();
        options.Endpoints.Add(new("b", 2));
        options.CommandTimeout = TimeSpan.FromHours(1);
        Assert.Single(settings.Endpoints);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.CommandTimeout);
        Assert.NotSame(options.ClientCertificates, settings.ClientCertificates);
    }

    [Fact]
    public void A_clone_is_independent()
    {
        var options = RedisClientOptions.Parse("redis://a:1");
        RedisClientOptions clone = options.Clone();
        clone.Endpoints.Add(new("b", 2));
        clone.MaxRedirects = 1;
        Assert.Equal("redis://a:1", options.ToString());
        Assert.Equal("redis://a:1,b:2?maxRedirects=1", clone.ToString());
    }

    [Fact]
    public async Task Credentials_are_none_fixed_or_asked_for_each_time()
    {
        ClientSettings none = RedisClientOptions.Parse("redis://h").Snapshot();
        Assert.False(none.HasCredentials);
        Assert.Null(await none.GetCredentialsAsync(CancellationToken.None));

        ClientSettings fixedOnes = RedisClientOptions.Parse("redis://ada:secret@h").Snapshot();
        Assert.True(fixedOnes.HasCredentials);
        Assert.Equal(new RedisCredentials("ada", "secret"), await fixedOnes.GetCredentialsAsync(CancellationToken.None));

        int asked = 0;
        ClientSettings rotating = new RedisClientOptions
        {
            Endpoints = { new("h", 1) },
            CredentialsProvider = _ => new(new RedisCredentials(null, $"token {++asked}")),
        }.Snapshot();
        Assert.True(rotating.HasCredentials);
        Assert.Equal("token 1", (await rotating.GetCredentialsAsync(CancellationToken.None))!.Password);
        Assert.Equal("token 2", (await rotating.GetCredentialsAsync(CancellationToken.None))!.Password);
    }

    [Fact]
    public void Credentials_do_not_print_the_password()
    {
        Assert.Equal("ada:***", new RedisCredentials("ada", "secret").ToString());
        Assert.Equal("default:***", new RedisCredentials(null, "secret").ToString());
        Assert.DoesNotContain("secret", RedisClientOptions.Parse("redis://ada:secret@h").Snapshot().ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(9_999, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    public void A_fraction_of_a_millisecond_counts_as_a_whole_one(long ticks, int milliseconds) =>
        Assert.Equal(milliseconds, OptionKinds.Milliseconds(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void A_bound_that_no_replica_can_meet_is_refused_where_it_is_given()
    {
        Assert.Equal("bound", Assert.Throws<ArgumentOutOfRangeException>(static () => ReadFrom.Replica.WithMaxStaleness(TimeSpan.FromSeconds(-1))).ParamName);
        Assert.Equal("bound", Assert.Throws<ArgumentOutOfRangeException>(static () => ReadFrom.Replica.WithMaxStaleness(TimeSpan.Zero)).ParamName);
        Assert.Equal("bound", Assert.Throws<ArgumentOutOfRangeException>(static () => ReadFrom.Replica.WithMaxStaleness(TimeSpan.FromHours(2))).ParamName);
        Assert.Equal("bytes", Assert.Throws<ArgumentOutOfRangeException>(static () => ReadFrom.Replica.WithMaxLag(-1)).ParamName);
        Assert.Equal(0, ReadFrom.Replica.WithMaxLag(0).MaxLag);
    }
}
