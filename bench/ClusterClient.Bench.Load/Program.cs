// The load harness: compares clients against a real server and saves what it found.
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
    await using var servers = new ServersUnderTest(options);
    var run = new Run(console, options, servers, string.Join(' ', args));
    if (options.MeasuresFreshness) return await FreshnessRun.RunAsync(run, cancellationToken);
    return options.MeasuresCosts ? await CostsRun.RunAsync(run, cancellationToken) : await ComparisonRun.RunAsync(run, cancellationToken);
}
