// Waits for a state of the outside world, bounded in time, and says what was missing.
using System.Diagnostics;

namespace ClusterClient.Testing;

internal static class Condition
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    /// <summary>Asks again and again until <paramref name="missing"/> gives null; at the end of the time throws what it gave last.</summary>
    public static async Task WaitAsync(string what, TimeSpan timeout, Func<CancellationToken, Task<string?>> missing, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            string? reason;
            Exception? cause = null;
            try
            {
                reason = await missing(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsPassing(exception))
            {
                // A server that starts, restarts or is just being replaced: not yet an error, only a reason to ask again.
                (reason, cause) = (exception.Message, exception);
            }
            if (reason is null)
                return;
            if (Stopwatch.GetElapsedTime(started) >= timeout)
                throw new LocalTopologyException($"waited {timeout.TotalSeconds:0.#} s in vain for {what}: {reason}", cause);
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether an exception tells of a server that cannot be talked to now.</summary>
    public static bool IsPassing(Exception exception) =>
        exception is System.Net.Sockets.SocketException or IOException or TimeoutException or ServerReplyException
            or System.Security.Authentication.AuthenticationException;
}
