// What every kind of run shares: where it prints, what was asked for, on which machine, and against what.
using System.Globalization;
using Spectre.Console;

namespace ClusterClient.Bench.Load;

internal sealed class Run(IAnsiConsole console, LoadOptions options, ServersUnderTest servers, string command)
{
    public IAnsiConsole Console => console;

    public LoadOptions Options => options;

    public ServersUnderTest Servers => servers;

    public MachineFacts Machine { get; } = MachineFacts.Read();

    public string? LoadBefore { get; } = MachineFacts.LoadAverage();

    public string Settings { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"Medians of {options.Rounds} interleaved rounds of {options.Timing.Window.TotalSeconds:0.##} s after {options.Timing.WarmUp.TotalSeconds:0.##} s of warm-up.");

    /// <summary>Those that take part, of all that this build has.</summary>
    public IReadOnlyList<IContender> Contenders { get; } =
        options.Clients.Count == 0 ? ContenderCatalog.Available : ContenderCatalog.Select(options.Clients);

    public void WriteHeading(IEnumerable<IContender> contenders)
    {
        console.MarkupLine($"[bold]{Markup.Escape(Machine.ToString())}[/][grey]; load average {LoadBefore ?? "unknown"}[/]");
        console.MarkupLine($"[grey]{Settings} Clients: {string.Join(", ", contenders.Select(contender => contender.Name))}[/]\n");
    }

    /// <summary>The results so far.</summary>
    public Results Results(params IReadOnlyList<Comparison> comparisons) => new(
        Machine, servers.Description, Settings, command, LoadBefore, MachineFacts.LoadAverage(), [.. comparisons.SelectMany(comparison => comparison.Rows)])
    {
        PlannedRows = comparisons.Sum(comparison => comparison.PlannedRows),
        FinishedRows = comparisons.Sum(comparison => comparison.FinishedRows),
    };

    public void Saved(IEnumerable<string> files)
    {
        foreach (string file in files) console.MarkupLine($"saved [blue]{Markup.Escape(file)}[/]");
    }
}
