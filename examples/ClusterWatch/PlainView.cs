// Lines for files and pipes: events as they come, and a line on the nodes every second.
using System.Globalization;
using ClusterClient;

namespace ClusterWatch;

internal sealed class PlainView : IView
{
    private readonly Lock _gate = new();
    private readonly EventLog _log;
    private long _shown = -1;

    internal PlainView(EventLog log)
    {
        _log = log;
        foreach (WatchEvent one in log.Last(int.MaxValue)) Write(one);
        log.Added = Write;
    }

    public void Show(Frame frame)
    {
        if ((long)frame.Elapsed.TotalSeconds == _shown) return;
        _shown = (long)frame.Elapsed.TotalSeconds;
        string masters = string.Join("  ", frame.Nodes.Where(static line => line.Node.IsMaster).Select(One));
        Write(TimeOnly.FromDateTime(DateTime.Now), "rate", string.Create(CultureInfo.InvariantCulture, $"{frame.Rate,6:F0}/s, {frame.Errors} errors  {masters}"));
    }

    public void Dispose() => _log.Added = null;

    private static string One(NodeLine line) => string.Create(
        CultureInfo.InvariantCulture, $"{line.Node.Endpoint} {(line.Node.IsAvailable ? "" : "FAILED ")}{line.Slots} slots {line.Rate:F0}/s");

    private void Write(WatchEvent one) => Write(one.At, one.Kind.ToString().ToLowerInvariant(), one.Text);

    private void Write(TimeOnly at, string kind, string text)
    {
        lock (_gate) Console.WriteLine($"{at:HH:mm:ss.fff}  {kind,-8}  {text}");
    }
}
