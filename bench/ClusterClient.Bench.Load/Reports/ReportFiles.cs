// Saves the results where a person and a program find them.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal static class ReportFiles
{
    /// <summary>Writes load.json, load.md and load.svg, and gives their paths.</summary>
    public static IReadOnlyList<string> Save(string folder, Results results) => Save(
        folder, ("load.json", JsonReport.Render(results)), ("load.md", MarkdownReport.Render(results)), ("load.svg", SvgChart.Render(results)));

    /// <summary>Writes costs.json and costs.md, and gives their paths.</summary>
    public static IReadOnlyList<string> Save(string folder, Costs costs) =>
        Save(folder, ("costs.json", JsonReport.Render(costs)), ("costs.md", CostsReport.Render(costs)));

    /// <summary>Writes freshness.md, and gives its path.</summary>
    public static IReadOnlyList<string> Save(string folder, string freshness) => Save(folder, ("freshness.md", freshness));

    /// <summary>A folder of its own for each run, ignored by git.</summary>
    public static string DefaultFolder() =>
        Path.Combine("artifacts", "bench", DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture));

    private static string[] Save(string folder, params (string Name, string Content)[] files)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, string content) in files) File.WriteAllText(Path.Combine(folder, name), content);
        return [.. files.Select(file => Path.Combine(folder, file.Name))];
    }
}
