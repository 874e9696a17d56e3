// A table of the README that is made from the code.
namespace ClusterClient.UnitTests.Quality;

internal static class ReadmeTable
{
    /// <summary>Holds what stands in the README between two comments to the code, or with UPDATE_PUBLIC_API=1 brings it up to date.</summary>
    /// <param name="name">What the comments call it.</param>
    /// <param name="expected">The table.</param>
    public static void IsThatOfTheCode(string name, string expected)
    {
        string begin = $"<!-- {name}: made from the code; accept a change with UPDATE_PUBLIC_API=1 -->\n", end = $"<!-- end of {name} -->";
        string path = Path.Combine(Repository.Root, "README.md");
        string readme = File.ReadAllText(path);
        int first = readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int last = readme.IndexOf(end, StringComparison.Ordinal);
        Assert.True(first >= begin.Length && last >= first, $"README.md has no table of {name} between its two comments.");
        if (Environment.GetEnvironmentVariable(PublicApiTests.UpdateVariable) is "1") File.WriteAllText(path, readme[..first] + expected + readme[last..]);
        else Assert.Equal(expected, readme[first..last]);
    }
}
