// The load harness: compares clients against a real server and saves what it found.
using System.Globalization;
using ClusterClient.Bench.Load;
using Spectre.Console;

IAnsiConsole console = ConsoleReport.CreateConsole();
try
{
    return await LoadCommand.InvokeAsync(args, RunAsync);
}
catch (OperationCanceledException)
{
    console.MarkupLine("[yellow]Stopped.[/]");
    return 130;
}
catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
{
    console.MarkupLine($"[red]{Markup.Escape(failure.Message)}[/]");
    return 1;
}

async Task<int> RunAsync(LoadOptions options, CancellationToken cancellationToken)
{
    RedisBenchmarkContender.AnnounceIfInstalled(options.RedisBenchmarkPath);
    IReadOnlyList<IContender> contenders = options.Clients.Count == 0 ? ContenderCatalog.Available : ContenderCatalog.Select(options.Clients);
    MachineFacts machine = MachineFacts.Read();
    string? loadBefore = MachineFacts.LoadAverage();
    await using ServerUnderTest server = await ServerUnderTest.StartAsync(options, cancellationToken);

    string settings = string.Create(
        CultureInfo.InvariantCulture,
        $"Medians of {options.Rounds} interleaved rounds of {options.Timing.Window.TotalSeconds:0.##} s after {options.Timing.WarmUp.TotalSeconds:0.##} s of warm-up.");
    console.MarkupLine($"[bold]{Markup.Escape(server.Target.Description)}[/]");
    console.MarkupLine($"[grey]{Markup.Escape(machine.ToString())}; load average {loadBefore ?? "unknown"}[/]");
    console.MarkupLine($"[grey]{settings} Clients: {string.Join(", ", contenders.Select(contender => contender.Name))}[/]\n");

    var comparison = new Comparison(server.Target, contenders, options.Workloads, options.Rounds, options.Timing);
    var progress = new ConsoleProgress(console, comparison.Measurements);
    IReadOnlyList<Row> rows = await comparison.RunAsync(progress, cancellationToken);
    progress.Close();

    var results = new Results(
        machine, server.Target.Description, settings, string.Join(' ', args), loadBefore, MachineFacts.LoadAverage(), rows);
    console.WriteLine();
    ConsoleReport.Write(console, results);
    foreach (string file in ReportFiles.Save(options.OutputFolder, results)) console.MarkupLine($"saved [blue]{Markup.Escape(file)}[/]");

    // The table has said what failed; a script sees it by the exit code.
    return rows.SelectMany(row => row.Entries).Any(entry => entry.Failure is not null) ? 1 : 0;
}
