// A log that tests read.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ClusterClient.UnitTests.Fakes;

internal sealed record LogEntry(int Event, LogLevel Level, string Text, Exception? Error);

internal sealed class TestLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyCollection<LogEntry> Entries => _entries;

    public int CountOf(int eventId) => _entries.Count(entry => entry.Event == eventId);

    /// <summary>Everything of warning level and above, for messages of failed tests.</summary>
    public override string ToString() => string.Join(Environment.NewLine, _entries.Select(static entry => $"[{entry.Level} {entry.Event}] {entry.Text}"));

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    void ILoggerFactory.AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _entries.Enqueue(new LogEntry(eventId.Id, logLevel, formatter(state, exception), exception));
}
