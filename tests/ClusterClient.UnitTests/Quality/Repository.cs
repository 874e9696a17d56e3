// Where the working copy under test lies, and its files.
namespace ClusterClient.UnitTests.Quality;

internal static class Repository
{
    private static readonly string[] s_notOurs = [".git", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea"];

    /// <summary>The folder that holds the solution; found upwards from the test's own folder, since a deterministic build hides source paths.</summary>
    public static string Root { get; } = FindRoot(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Quality { get; } = Path.Combine(Root, "tests", "ClusterClient.UnitTests", "Quality");

    /// <summary>The projects under <c>src</c>, by assembly name.</summary>
    public static IEnumerable<string> ShippingAssemblies => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(static path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    /// <summary>Files of the working copy under <paramref name="folder"/>, relative to the root; nothing that a build makes.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Under(Path.Combine(Root, folder), pattern).Select(static path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal);

    public static string[] Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    private static IEnumerable<string> Under(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(Directory.EnumerateDirectories(folder)
            .Where(static child => !s_notOurs.Contains(Path.GetFileName(child))).SelectMany(child => Under(child, pattern)));

    private static string FindRoot(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClusterClient.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the tests holds ClusterClient.sln.");
    }
}
