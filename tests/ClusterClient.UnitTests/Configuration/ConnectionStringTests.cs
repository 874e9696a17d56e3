// The grammar of the connection string, form by form, and one clear complaint for everything else.
namespace ClusterClient.UnitTests.Configuration;

public class ConnectionStringTests
{
    [Theory]
    [InlineData("redis://localhost", "localhost:6379")]
    [InlineData("REDIS://localhost:7000", "localhost:7000")]
    [InlineData("redis://a:1,b,[::1]:3", "a:1 b:6379 [::1]:3")]
    [InlineData("redis://user:pw@a:1,b:2/3?connectTimeout=1s", "a:1 b:2")]
    [InlineData("redis+unix:///run/my%20redis.sock", "unix:/run/my redis.sock")]
    [InlineData("redis+unix://:pw@/run/redis.sock?database=3", "unix:/run/redis.sock")]
    public void Reads_the_servers(string text, string endpoints) =>
        Assert.Equal(endpoints, string.Join(' ', RedisClientOptions.Parse(text).Endpoints));

    [Theory]
    [InlineData("redis://h", null, null)]
    [InlineData("redis://ada:secret@h", "ada", "secret")]
    [InlineData("redis://:secret@h", null, "secret")]
    [InlineData("redis://ada:@h", "ada", "")]
    [InlineData("redis://a%40b:%3A%2F%3F%23%25%2C@h", "a@b", ":/?#%,")]
    [InlineData("redis://:p%C3%A4ss+w,o;rd!$&'()*=@h", null, "päss+w,o;rd!$&'()*=")]
    [InlineData("redis://h?user=ada", "ada", null)]
    [InlineData("redis+unix://ada:secret@/run/redis.sock", "ada", "secret")]
    public void Reads_user_and_password(string text, string? user, string? password)
    {
        var options = RedisClientOptions.Parse(text);
        Assert.Equal(user, options.User);
        Assert.Equal(password, options.Password);
    }

    [Theory]
    [InlineData("redis://h", 0)]
    [InlineData("redis://h/", 0)]
    [InlineData("redis://h/7", 7)]
    [InlineData("redis://h?database=7", 7)]
    [InlineData("redis+unix:///s?database=7", 7)]
    public void Reads_the_database(string text, int database) => Assert.Equal(database, RedisClientOptions.Parse(text).Database);

    [Theory]
    [InlineData("redis://h", false)]
    [InlineData("rediss://h", true)]
    [InlineData("redis://h?tls=true", true)]
    [InlineData("redis://h?tls=False", false)]
    public void Reads_whether_to_encrypt(string text, bool tls) => Assert.Equal(tls, RedisClientOptions.Parse(text).Tls);

    [Fact]
    public void Reads_every_kind_of_option()
    {
        var options = RedisClientOptions.Parse(
            "rediss://h?topology=CLUSTER&protocol=resp2&retryPolicy=idempotent&clientName=a%2Fb&tlsServerName=x.example&checkCertificateRevocation=true" +
            "&connectTimeout=1500ms&COMMANDTIMEOUT=2m&hangTimeout=1h&topologyRefreshInterval=0&maxInFlightCommands=7&maxInFlightBytes=2MiB&maxWaitingBytes=3gb&maxReplyLength=4096");
        Assert.Equal(TopologyMode.Cluster, options.Topology);
        Assert.Equal(RedisProtocol.Resp2, options.Protocol);
        Assert.Equal(RetryPolicy.Idempotent, options.RetryPolicy);
        Assert.Equal("a/b", options.ClientName);
        Assert.Equal("x.example", options.TlsServerName);
        Assert.True(options.CheckCertificateRevocation);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), options.ConnectTimeout);
        Assert.Equal(TimeSpan.FromMinutes(2), options.CommandTimeout);
        Assert.Equal(TimeSpan.FromHours(1), options.HangTimeout);
        Assert.Equal(TimeSpan.Zero, options.TopologyRefreshInterval);
        Assert.Equal(7, options.MaxInFlightCommands);
        Assert.Equal(2L << 20, options.MaxInFlightBytes);
        Assert.Equal(3L << 30, options.MaxWaitingBytes);
        Assert.Equal(4096, options.MaxReplyLength);
        options.Validate();
    }

    [Theory]
    [InlineData("", "must begin with redis://")]
    [InlineData("localhost:6379", "must begin with redis://")]
    [InlineData("localhost:6379,password=x,ssl=true", "must begin with redis://")]
    [InlineData("localhost:6379,password=x,ssl=true", "StackExchange.Redis writes host:port,option=value; here that is redis://host:port?option=value")]
    [InlineData(" redis://h", "must begin with redis://")]
    [InlineData("redis:/h", "must begin with redis://")]
    [InlineData("http://h", "must begin with redis://")]
    [InlineData("redis://", "server 1 of 1: it has no host")]
    [InlineData("redis:///3", "server 1 of 1: it has no host")]
    [InlineData("redis://h,", "server 2 of 2: it has no host")]
    [InlineData("redis://h,,i", "server 2 of 3: it has no host")]
    [InlineData("redis://u:p@", "server 1 of 1: it has no host")]
    [InlineData("redis://h:x", "the port of 'h' must be a number from 1 to 65535")]
    [InlineData("redis://h:0", "1 to 65535")]
    [InlineData("redis://h h", "DNS name")]
    [InlineData("redis://h ", "DNS name")]
    [InlineData("redis://::1", "[address]:port")]
    [InlineData("redis://h,unix:", "the port of 'unix'")]
    [InlineData("redis://u@h", "user:password@")]
    [InlineData("redis://u:p@q@h", "%40")]
    [InlineData("redis://u:p:q@h", "%3A")]
    [InlineData("redis://u:p/q@h", "%2F")]
    [InlineData("redis://u:p?q@h", "%3F")]
    [InlineData("redis://u:p#q@h", "%23")]
    [InlineData("redis://u:%zz@h", "in the password a '%'")]
    [InlineData("redis://u:%4@h", "in the password a '%'")]
    [InlineData("redis://%4g:p@h", "in the user a '%'")]
    [InlineData("redis://a%20b:p@h", "the user must be")]
    [InlineData("redis://h#x", "%23")]
    [InlineData("redis://h/x", "the database, which must be a whole number")]
    [InlineData("redis://h/1/2", "the database, which must be a whole number")]
    [InlineData("redis://h/-1", "the database, which must be a whole number")]
    [InlineData("redis://h/99999999999", "the database, which must be a whole number")]
    [InlineData("redis://h?", "option 1 must be written as name=value")]
    [InlineData("redis://h?tls=true&", "option 2 must be written as name=value")]
    [InlineData("redis://h?tls", "option 1 must be written as name=value")]
    [InlineData("redis://h?=5s", "option number 1 is unknown")]
    [InlineData("redis://h?connectTimout=5s", "option 'connectTimout' is unknown; did you mean 'connectTimeout'?")]
    [InlineData("redis://h?comandTimeout=5s", "did you mean 'commandTimeout'?")]
    [InlineData("redis://h?frobnicate=false", "option 'frobnicate' is unknown; there are user, database, tls,")]
    [InlineData("redis://h?abortConnect=false", "option 'abortConnect' is unknown; ConnectAsync fails when no server can be reached, RedisClient.Create connects in the background")]
    [InlineData("redis://h?syncTimeout=5000", "option 'syncTimeout' is unknown; commandTimeout does that")]
    [InlineData("redis://h?ssl=true", "option 'ssl' is unknown; begin with rediss:// for TLS")]
    [InlineData("redis://h?SSLHost=x", "option 'SSLHost' is unknown; tlsServerName does that")]
    [InlineData("redis://h?name=me", "option 'name' is unknown; clientName does that")]
    [InlineData("redis://h?connect%54imeout=5s", "option number 1 is unknown; did you mean 'connectTimeout'?")]
    [InlineData("redis://h?connectTimeout=5s&connectTimeout=5s", "option 'connectTimeout' is stated twice")]
    [InlineData("redis://h?connectTimeout=5s&ConnectTimeout=6s", "option 'connectTimeout' is stated twice")]
    [InlineData("redis://h/3?database=3", "option 'database' is stated twice")]
    [InlineData("redis://u:p@h?user=u", "option 'user' is stated twice")]
    [InlineData("rediss://h?tls=true", "option 'tls' is stated twice")]
    [InlineData("redis://h?password=x", "a password is not an option")]
    [InlineData("redis://h?authToken=x", "a password is not an option")]
    [InlineData("redis://h?connectTimeout=5", "option 'connectTimeout' must be a whole number followed by ms, s, m or h, from 1ms to 24h, not '5'")]
    [InlineData("redis://h?connectTimeout=0", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=1.5s", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=-1s", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=5 s", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=s", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=25h", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=99999999999999999999h", "option 'connectTimeout' must be")]
    [InlineData("redis://h?connectTimeout=5%zz", "in option 'connectTimeout' a '%'")]
    [InlineData("redis://h?maxInFlightBytes=64tb", "option 'maxInFlightBytes' must be a whole number of bytes or one followed by KiB, MiB or GiB, from 1KiB to 1024GiB, not '64tb'")]
    [InlineData("redis://h?maxInFlightBytes=9223372036854775807gib", "option 'maxInFlightBytes' must be")]
    [InlineData("redis://h?maxReplyLength=3gib", "option 'maxReplyLength' must be")]
    [InlineData("redis://h?maxInFlightCommands=0", "option 'maxInFlightCommands' must be a whole number from 1 to 1048576, not '0'")]
    [InlineData("redis://h?maxInFlightCommands=1e3", "option 'maxInFlightCommands' must be")]
    [InlineData("redis://h?tls=yes", "option 'tls' must be true or false, not 'yes'")]
    [InlineData("redis://h?topology=sharded", "option 'topology' must be one of auto, standalone, replicated, sentinel, cluster, not 'sharded'")]
    [InlineData("redis://h?topology=1", "option 'topology' must be one of")]
    [InlineData("redis://h?readFrom=bogus", "option 'readFrom' must be one of master, masterPreferred, replica, replicaPreferred, any, nearest, azAffinity, not 'bogus'")]
    [InlineData("redis://h?readFrom=replica&maxStaleness=-1s", "option 'maxStaleness' must be a whole number followed by ms, s, m or h, from 10ms to 1h, or 0 to turn it off, not '-1s'")]
    [InlineData("redis://h?readFrom=replica&maxStaleness=1ms", "option 'maxStaleness' must be")]
    [InlineData("redis://h?clientName=a%20b", "option 'clientName' must be printable ASCII without spaces")]
    [InlineData("redis://h?clientName=", "option 'clientName' must be")]
    [InlineData("redis+unix://", "the path of the Unix socket is missing")]
    [InlineData("redis+unix:///", "the path of the Unix socket is missing")]
    [InlineData("redis+unix://h/run/redis.sock", "no host")]
    [InlineData("redis+unix:///run/%00", "null character")]
    [InlineData("redis+unix:///run/%", "in the path of the Unix socket a '%'")]
    public void Refuses_and_says_why(string text, string reason)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => RedisClientOptions.Parse(text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://h", "redis://h:6379")]
    [InlineData("rediss://u:p@h:1,[::1]:2/3", "rediss://h:1,[::1]:2/3?user=u")]
    [InlineData("redis://h?connectTimeout=60s&commandTimeout=5000ms&maxWaitingBytes=1048576", "redis://h:6379?connectTimeout=1m&maxWaitingBytes=1MiB")]
    [InlineData("redis+unix://:p@/run/my%20redis?database=2&clientName=a%26b", "redis+unix:///run/my%20redis?database=2&clientName=a%26b")]
    public void Writes_without_defaults_and_without_the_password(string text, string written) =>
        Assert.Equal(written, RedisClientOptions.Parse(text).ToString());

    [Fact]
    public void Nothing_is_refused() => Assert.Throws<ArgumentNullException>(() => RedisClientOptions.Parse(null!));
}
