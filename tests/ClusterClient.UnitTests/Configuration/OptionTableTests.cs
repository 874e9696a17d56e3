// The table of options, the properties and the settings name the same things: nothing can be added to one and forgotten in another.
using System.Reflection;
using ClusterClient.Configuration;

namespace ClusterClient.UnitTests.Configuration;

public class OptionTableTests
{
    private static readonly string[] s_withoutTextForm =
        ["Endpoints", "Password", "SentinelPassword", "CredentialsProvider", "RemoteCertificateValidation", "ClientCertificates", "LoggerFactory", "EndpointMap", "ZoneOf"];

    private static IEnumerable<string> Properties => typeof(RedisClientOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(static p => p.Name);

    [Fact]
    public void Every_property_is_in_the_table_under_its_own_name_in_the_same_order() =>
        Assert.Equal(Properties.Except(s_withoutTextForm).Select(OptionNames.CamelCase), OptionTable.All.Select(static o => o.Name));

    [Fact]
    public void Every_property_reaches_the_settings()
    {
        string[] settings = [.. typeof(ClientSettings).GetProperties().Select(static p => p.Name)];
        Assert.Empty(Properties.Except(settings).Except(["User", "Password", "CredentialsProvider", "SentinelUser", "SentinelPassword", "SentinelTls", "MaxStaleness"]));

        // A bound for all reads is part of the policy.
        Assert.Equal(TimeSpan.FromSeconds(7), RedisClientOptions.Parse("redis://h?readFrom=any&maxStaleness=7s").Snapshot().ReadFrom.MaxStaleness);
    }

    [Fact]
    public void Defaults_are_allowed_and_not_written()
    {
        RedisClientOptions options = new();
        Assert.All(OptionTable.All, option =>
        {
            Assert.True(option.IsAllowed(options), option.Name);
            Assert.Null(option.Write(options));
        });
    }

    [Theory]
    [InlineData("tlss", "tls")]
    [InlineData("ssl", null)]
    [InlineData("TOPOLGY", "topology")]
    [InlineData("timeout", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void Suggests_only_what_is_near(string typed, string? expected) =>
        Assert.Equal(expected, OptionNames.Nearest(typed, OptionTable.All.Select(static o => o.Name)));
}
