// What people read about the options is what the code does.
using ClusterClient.Configuration;
using ClusterClient.UnitTests.Quality;

namespace ClusterClient.UnitTests.Configuration;

public class OptionsDocumentTests
{
    [Fact]
    public void The_table_in_the_readme_is_that_of_the_code() => ReadmeTable.IsThatOfTheCode("options", OptionsDocument.Render());

    [Fact]
    public void The_documentation_of_each_option_states_the_true_default()
    {
        Assert.All(OptionTable.All, static option =>
        {
            string summary = OptionsDocument.Summary(option.Name);
            string[] after = summary.Split("Default: ");
            Assert.True(after.Length == 2, $"{option.Name}: {summary}");
            string stated = after[1].Split(". ")[0].TrimEnd('.').Replace(" ", "", StringComparison.Ordinal).Trim('`');
            RedisClientOptions options = new();
            string text = stated is "null" ? "" : stated;
            if (text.Length > 0) Assert.True(option.TryRead(options, text), $"{option.Name}: '{stated}' is no value of it");
            Assert.Null(option.Write(options));
            Assert.Equal(option.Default.Length == 0, text.Length == 0);
        });
    }
}
