// Holds the README's C# to the snippets that are compiled and run.
namespace ClusterClient.UnitTests.Quality;

public sealed class ReadmeTests
{
    [Fact]
    public void Every_snippet_of_the_README_stands_in_the_examples()
    {
        string[] sources = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples", "Snippets"), "*.cs").Select(path => Flat(File.ReadAllText(path)))];
        string[] blocks = Blocks(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(sources, source => source.Contains(Flat(block), StringComparison.Ordinal)));
    }

    [Fact]
    public void A_snippet_that_is_not_in_the_examples_would_be_found()
        => Assert.DoesNotContain(Flat("await redis.NoSuchThingAsync();"), Flat("await redis.StringGetAsync(\"k\");"), StringComparison.Ordinal);

    private static string[] Blocks(string markdown)
        => [.. markdown.Split("```").Where(part => part.StartsWith("csharp\n", StringComparison.Ordinal)).Select(part => part["csharp\n".Length..])];

    /// <summary>Without indentation and blank lines, which differ between a document and a method.</summary>
    private static string Flat(string code)
        => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
