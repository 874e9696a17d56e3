// Progress on the console: a line that is redrawn between measurements, and a line that stays for each row.
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace ClusterClient.Bench.Load;

/// <summary>Draws only when told to: a spinner on a timer would cost CPU and allocations inside the measurement.</summary>
/// <param name="console">Where to draw.</param>
/// <param name="measurements">How many there will be.</param>
/// <param name="rowDone">Called after each row.</param>
internal sealed class ConsoleProgress(IAnsiConsole console, int measurements, Action rowDone) : IProgressDisplay
{
    private const int BarWidth = 24;

    private readonly bool _redraw = console.Profile.Capabilities.Ansi && !Console.IsOutputRedirected;
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _done;

    public void BeginWarmUp(Workload workload, string contender) => Draw($"warming up: {contender}, {workload.Name}");

    public void Begin(Workload workload, string contender, int round, int rounds) =>
        Draw(string.Create(CultureInfo.InvariantCulture, $"{workload.Name}: round {round} of {rounds}, {contender}"));

    public void Advance() => _done++;

    public void Note(string doing) => Draw(doing);

    public void Finish(Row row)
    {
        Erase();
        string figures = string.Join("   ", row.Entries.Select(Figure));
        console.MarkupLine($"[grey]{Markup.Escape(row.Name),-52}[/] {figures}");
        rowDone();
    }

    /// <summary>Leaves a clean line behind.</summary>
    public void Close() => Erase();

    private static string Figure(Entry entry)
    {
        string name = Markup.Escape(entry.Contender);
        if (entry.Failure is not null) return $"[red]{name} failed[/]";
        return entry.Median is Sample median ? $"{name} [bold]{Figures.Rate(median.CommandsPerSecond)}[/]" : $"[grey]{name} –[/]";
    }

    private void Draw(string doing)
    {
        if (!_redraw) return;
        double share = (double)_done / measurements;
        int filled = (int)(share * BarWidth);
        string bar = new string('━', filled) + "[grey]" + new string('━', BarWidth - filled) + "[/]";
        string left = _done == 0 ? "" : $" [grey]{Left(share)} left[/]";
        Erase();
        console.Markup($"[green]{bar}[/] {share.ToString("P0", CultureInfo.InvariantCulture)}{left}  {Markup.Escape(doing)}");
    }

    private string Left(double share)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(_started) * ((1 - share) / share);
        return left.ToString(@"m\:ss", CultureInfo.InvariantCulture);
    }

    private void Erase()
    {
        if (_redraw) console.Write(new ControlCode("\r\u001b[2K"));
    }
}
