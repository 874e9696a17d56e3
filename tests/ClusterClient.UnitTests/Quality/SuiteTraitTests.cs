// Suites are run by their trait: a class of tests without it would be left out, and nobody would see.
using System.Text.RegularExpressions;

namespace ClusterClient.UnitTests.Quality;

public partial class SuiteTraitTests
{
    private const string Integration = "tests/ClusterClient.IntegrationTests";

    public static TheoryData<string> Suites => ["Connecting", "Reading", "Replication", "Sentinel"];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Every_class_of_tests_of_a_suite_says_so(string suite)
    {
        string[] files = [.. Repository.Files(Path.Combine(Integration, suite), "*.cs")];
        Assert.NotEmpty(files);
        Findings.None(files.SelectMany(file => WithoutTrait(string.Join('\n', Repository.Lines(file)), suite).Select(name => $"{file}: {name} lacks [Trait(\"Suite\", \"{suite}\")]")));
    }

    [Fact]
    public void The_rule_is_seen_to_fail()
    {
        const string Test = "{\n    [Fact]\n    public void Holds() {}\n}\n";
        Assert.Equal(["ATests"], WithoutTrait($"public sealed class ATests\n{Test}", "S"));
        Assert.Equal(["ATests"], WithoutTrait($"[Trait(\"Suite\", \"Other\")]\npublic class ATests(int x) : IDisposable\n{Test}", "S"));
        Assert.Equal(["BTests"], WithoutTrait($"[Trait(\"Suite\", \"S\")]\npublic sealed class ATests\n{Test}\npublic sealed class BTests\n{Test}", "S"));
        Assert.Equal(["ATests"], WithoutTrait($"public sealed class ATests : Common;\n\npublic abstract class Common\n{Test}", "S"));
        Assert.Empty(WithoutTrait($"[Trait(\"Suite\", \"S\")]\n[Collection(\"x\")]\npublic sealed class ATests\n{Test}", "S"));
        Assert.Empty(WithoutTrait($"[CollectionDefinition(\"x\")]\npublic sealed class Collection;\n\n[Trait(\"Suite\", \"S\")]\npublic sealed class ATests\n{Test}", "S"));
        Assert.Empty(WithoutTrait("public sealed class Fixture\n{\n}\n", "S"));
    }

    /// <summary>Public classes that are not abstract, in a file that holds tests (their base may be in it), without the trait among their attributes.</summary>
    private static IEnumerable<string> WithoutTrait(string text, string suite) =>
        from found in PublicClass().Matches(text)
        let attributes = found.Groups["attributes"].Value
        where TestMethod().IsMatch(text) && !attributes.Contains($"[Trait(\"Suite\", \"{suite}\")]", StringComparison.Ordinal) && !attributes.StartsWith("[CollectionDefinition(", StringComparison.Ordinal)
        select found.Groups["name"].Value;

    [GeneratedRegex(@"^\s+\[(Fact|Theory)\]", RegexOptions.Multiline)]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"(?<attributes>(^\[.*\]\n)*)^public (sealed )?(partial )?class (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicClass();
}
