// The rooms of the SDK keep the import rule, and the check of it is seen to fail.
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ClusterClient.UnitTests.Quality;

public class LayerRulesTests
{
    private const string Source = "/src/ClusterClient/";
    private static readonly Assembly s_sdk = typeof(RedisException).Assembly;

    [Fact]
    public void A_folder_uses_only_folders_above_it() =>
        Findings.None(LayerChecker.Violations(s_sdk.Location, Source, LayerOrder.ClusterClient));

    [Fact]
    public void A_namespace_is_that_of_the_folder_or_the_one_users_type() =>
        Findings.None(LayerChecker.MisplacedNamespaces(s_sdk.Location, Source, "ClusterClient"));

    [Fact]
    public void Only_tests_and_benchmarks_see_internals()
    {
        IEnumerable<string> friends = Repository.ShippingAssemblies.Select(Assembly.Load)
            .SelectMany(static assembly => assembly.GetCustomAttributes<InternalsVisibleToAttribute>()).Select(static attribute => attribute.AssemblyName);
        Findings.None(friends.Except(["ClusterClient.UnitTests", "ClusterClient.IntegrationTests", "ClusterClient.Bench.Micro"]));
    }

    [Fact]
    public void The_check_finds_every_way_of_using_a_type()
    {
        LayerOrder order = new(["Low"], ["Middle"], ["FeatureA", "FeatureB"]);
        IReadOnlyList<string> violations = LayerChecker.Violations(typeof(LayerRulesTests).Assembly.Location, "/Quality/LayerSamples/", order);
        const string Space = "ClusterClient.UnitTests.Quality.LayerSamples.";
        string[] users =
        [
            "ByArgument", "ByAttribute", "ByAttributeTypeof", "ByBase", "ByCall", "ByCatch", "ByConstraint", "ByField", "ByInterface",
            "ByLambda", "ByLocal", "ByNestedType", "ByParameter", "ByStateMachine", "ByTypeof",
        ];
        Assert.Equal(
            [.. users.Select(static name => $"{Space}{name} (Low)"), $"{Space}FeatureA (FeatureA)"],
            violations.Select(static v => v[..v.IndexOf(" uses ", StringComparison.Ordinal)]).Distinct());
        Assert.Contains($"{Space}ByCall (Low) uses {Space}Middle (Middle): a folder may use only folders above it in the list", violations);
        Assert.Contains($"{Space}ByInterface (Low) uses {Space}IMiddleRole (Middle): a folder may use only folders above it in the list", violations);
        Assert.Contains($"{Space}FeatureA (FeatureA) uses {Space}FeatureB (FeatureB): features are blind to each other", violations);
    }

    [Fact]
    public void The_check_knows_a_folder_that_is_not_listed()
    {
        IReadOnlyList<string> violations = LayerChecker.Violations(typeof(LayerRulesTests).Assembly.Location, "/Quality/LayerSamples/", new(["Low"], ["Middle"]));
        Assert.Contains(violations, static v => v.EndsWith("FeatureA is not in the list of layers", StringComparison.Ordinal));
    }

    [Fact]
    public void The_check_sees_a_namespace_that_is_not_the_folders() =>
        Assert.Contains(
            "ClusterClient.UnitTests.Quality.LayerSamples.FeatureA stands in FeatureA",
            LayerChecker.MisplacedNamespaces(typeof(LayerRulesTests).Assembly.Location, "/Quality/LayerSamples/", "ClusterClient"));
}
