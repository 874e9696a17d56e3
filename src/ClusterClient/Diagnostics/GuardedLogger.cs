// The application's log, whose failures stay its own.
using Microsoft.Extensions.Logging;

namespace ClusterClient.Diagnostics;

/// <summary>
/// A log provider that throws (a full disk, a sink that was disposed first) must not end a reconnect loop or a reader: the client would
/// never come back because of a message nobody could write. There is nowhere left to report that to.
/// </summary>
internal sealed class GuardedLogger(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull
    {
        try
        {
            return inner.BeginScope(state);
        }
        catch
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch
        {
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch
        {
            // See above.
        }
    }
}
