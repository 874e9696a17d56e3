// The public API of every shipping assembly is what the checked-in listing says, so that a change to it is seen in review.
using System.Reflection;

namespace ClusterClient.UnitTests.Quality;

public class PublicApiTests
{
    /// <summary>Set to 1, the tests accept what they see: <c>UPDATE_PUBLIC_API=1 dotnet test tests/ClusterClient.UnitTests --filter PublicApi</c>.</summary>
    public const string UpdateVariable = "UPDATE_PUBLIC_API";

    public static TheoryData<string> Assemblies => [.. Repository.ShippingAssemblies];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_public_api_is_the_listed_one(string assembly)
    {
        string listing = Path.Combine(Repository.Quality, "PublicApi", assembly + ".txt");
        string received = Path.ChangeExtension(listing, ".received.txt");
        string actual = PublicApiText.Of(Assembly.Load(assembly).GetExportedTypes());
        if (Environment.GetEnvironmentVariable(UpdateVariable) is "1") File.WriteAllText(listing, actual);
        string expected = File.Exists(listing) ? File.ReadAllText(listing) : "";
        if (actual == expected)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, actual);
        Assert.Fail($"The public API of {assembly} is not the listed one ('-' is gone, '+' is new):\n\n{LineDiff.Of(expected, actual)}\n" +
            $"If that is meant, run the test again with {UpdateVariable}=1 and check the listing in; what was found is in {received}.");
    }

    [Fact]
    public void The_listing_reads_like_csharp()
    {
        Type[] samples = [.. typeof(PublicApiSamples).GetNestedTypes().Append(typeof(PublicApiExtensionSamples))];
        string text = PublicApiText.Of(samples).Replace("ClusterClient.UnitTests.Quality.", "", StringComparison.Ordinal).Replace("PublicApiSamples.", "", StringComparison.Ordinal);
        Assert.Equal(PublicApiSamples.Listing, text);
    }

    [Fact]
    public void A_difference_is_shown_by_its_lines() =>
        Assert.Equal(
            "  class A\n-     void Gone()\n      void Stays()\n+     void New()\n  \n  ...\n",
            LineDiff.Of("class A\n    void Gone()\n    void Stays()\n\nclass B\n    void Far()\n", "class A\n    void Stays()\n    void New()\n\nclass B\n    void Far()\n"));
}
