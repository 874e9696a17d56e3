// The picture on a terminal: nodes above, events below, as much of both as there is room for.
using System.Globalization;
using ClusterClient;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ClusterWatch;

internal sealed class LiveView : IView
{
    /// <summary>Title, head and borders of the table, totals, borders of the log, keys.</summary>
    private const int FixedRows = 9;

    private const int FewestEvents = 4;
    private const string Blocks = " ▁▂▃▄▅▆▇█";
    private readonly EventLog _log;
    private readonly NodeMeters _meters;
    private readonly string _title;
    private readonly string _keys;

    internal LiveView(EventLog log, NodeMeters meters, string title, string keys)
    {
        (_log, _meters, _title, _keys) = (log, meters, title, keys);

        // The alternate screen: what stood on the terminal is there again afterwards.
        Console.Write("\e[?1049h\e[?25l");
    }

    public void Show(Frame frame)
    {
        // Drawn over the last one in a single write, so that nothing flickers; no line may wrap or scroll.
        int width = Math.Max(40, Console.WindowWidth), height = Math.Max(12, Console.WindowHeight);
        StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.Standard, Out = new AnsiConsoleOutput(text) });
        (console.Profile.Width, console.Profile.Height) = (width, height);
        console.Write(Draw(frame, width, height));
        string[] lines = [.. text.ToString().TrimEnd('\n').Split('\n').Take(height).Select(static line => line.TrimEnd('\r') + "\e[K")];
        Console.Write($"\e[H{string.Join("\r\n", lines)}\e[J");
    }

    public void Dispose() => Console.Write("\e[?25h\e[?1049l");

    private Rows Draw(Frame frame, int width, int height)
    {
        int room = height - FixedRows;
        int nodes = Math.Min(frame.Nodes.Count, Math.Max(3, room - FewestEvents));
        int events = Math.Max(1, room - nodes);
        TopologySnapshot map = frame.Topology;
        string covered = map.CoveredSlots == HashSlot.Count ? "all 16384 slots" : $"[red]{map.CoveredSlots} of 16384 slots[/]";
        string totals = string.Create(
            CultureInfo.InvariantCulture,
            $"[bold]{frame.Rate:F0}[/] commands/s  {Alarm(frame.Errors)} errors  {Alarm(_meters.UnknownOutcomes)} unknown  {_meters.Retries} retries  {_meters.Sum(static node => node.Redirections)} redirects  {_meters.Sum(static node => node.Reconnects)} reconnects");
        return new Rows(
            new Markup($"[bold]ClusterWatch[/]  {Markup.Escape(_title)}  topology v{map.Version}, {covered}  {frame.Elapsed:mm\\:ss}") { Overflow = Overflow.Crop },
            Nodes(frame, nodes),
            new Markup(" " + totals) { Overflow = Overflow.Crop },
            new Panel(Events(events, width - 4)) { Header = new PanelHeader(" events "), Border = BoxBorder.Rounded, Expand = true, Padding = new Padding(0, 0) },
            new Markup($" [grey]{Markup.Escape(_keys)}[/]") { Overflow = Overflow.Crop });
    }

    private static Table Nodes(Frame frame, int shown)
    {
        Table table = new() { Border = TableBorder.Horizontal, Expand = true };
        table.AddColumns(
            Column("node"), Column("role"), Column("slots", right: true), Column("cmd/s", right: true), Column("ms", right: true), Column("errors", right: true), Column("last seconds"));
        double top = Math.Max(1, frame.Nodes.SelectMany(static line => line.History).DefaultIfEmpty().Max());
        foreach (NodeLine line in frame.Nodes.Take(shown))
        {
            TopologyNode node = line.Node;
            string role = node.IsMaster ? "[green]master[/]" : "[grey]replica[/]";
            if (!node.IsAvailable) role = "[red]failed[/]";
            else if ((node.Flags & ClusterNodeFlags.PossiblyFailed) != ClusterNodeFlags.None) role = "[yellow]suspect[/]";
            table.AddRow(
                $"{(node.IsMaster ? "" : " └ ")}{Markup.Escape(node.Endpoint.ToString())}", role, line.Slots == 0 ? "" : $"{line.Slots}",
                line.Rate < 0.5 ? "[grey]-[/]" : line.Rate.ToString("F0", CultureInfo.InvariantCulture),
                line.Milliseconds?.ToString("F2", CultureInfo.InvariantCulture) ?? "[grey]-[/]", Alarm(line.Errors), $"[aqua]{Spark(line.History, top)}[/]");
        }

        return table;
    }

    private static TableColumn Column(string name, bool right = false)
        => new($"[grey]{name}[/]") { NoWrap = true, Alignment = right ? Justify.Right : Justify.Left, Padding = new Padding(1, 0) };

    private static string Alarm(long count) => count == 0 ? "0" : $"[red]{count}[/]";

    private static string Spark(IReadOnlyList<double> history, double top)
        => string.Concat(history.Select(rate => Blocks[(int)Math.Ceiling(Math.Clamp(rate / top, 0, 1) * (Blocks.Length - 1))]));

    private Rows Events(int count, int width)
    {
        WatchEvent[] last = _log.Last(count);
        IEnumerable<IRenderable> lines = last.Select(one => new Markup($"[grey]{one.At:HH:mm:ss.fff}[/] [{Color(one.Kind)}]{Markup.Escape(Fitted(one.Text, width - 13))}[/]"));
        return new Rows(lines.Concat(Enumerable.Repeat(new Text("\u00a0"), count - last.Length)));
    }

    private static string Fitted(string text, int width) => text.Length <= width ? text : string.Concat(text.AsSpan(0, width - 1), "…");

    private static string Color(EventKind kind) => kind switch
    {
        EventKind.Action => "yellow",
        EventKind.Error => "red",
        _ => "aqua",
    };
}
