// What people read about the options is what the code does.
using ClusterClient.Configuration;
using ClusterClient.UnitTests.Quality;

namespace ClusterClient.UnitTests.Configuration;

public class OptionsDocumentTests
{
    private const string Begin = "<!-- options: made from the code; accept a change with UPDATE_PUBLIC_API=1 -->\n";
    private const string End = "<!-- end of options -->";

    [Fact]
    public void The_table_in_the_readme_is_that_of_the_code()
    {
        string path = Path.Combine(Repository.Root, "README.md");
        string readme = File.ReadAllText(path);
        int start = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Begin.Length && end >= start, "README.md has no table of options between its two comments.");
        string expected = OptionsDocument.Render();
        if (Environment.GetEnvironmentVariable(PublicApiTests.UpdateVariable) is "1") File.WriteAllText(path, readme = readme[..start] + expected + readme[end..]);
        else Assert.Equal(expected, readme[start..end]);
    }

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
