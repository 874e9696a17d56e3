// Starts one server on a port nobody else has, and waits until it answers.
using ClusterClient.Testing.Admin;
using ClusterClient.Testing.Processes;

namespace ClusterClient.Testing;

internal static class NodeStart
{
    private const int LogTail = 2_000;

    public static Task WaitUntilAnsweringAsync(LocalNode node, ServerProcess process, CancellationToken cancellationToken) =>
        Condition.WaitAsync($"{node} to answer PING", node.Patience, async token =>
        {
            if (process.HasExited)
                throw await EndedAsync(node, token).ConfigureAwait(false);
            var reply = await node.ExecuteAsync(["PING"], token).ConfigureAwait(false);
            // Another server on the same port would answer as well: only the own process may.
            if (process.HasExited)
                throw await EndedAsync(node, token).ConfigureAwait(false);
            return reply.Text is "PONG" ? null : $"it answered {reply}";
        }, cancellationToken);

    private static async Task<Exception> EndedAsync(LocalNode node, CancellationToken cancellationToken)
    {
        var log = await node.ReadLogAsync(cancellationToken).ConfigureAwait(false);
        var tail = log.Length > LogTail ? "…" + log[^LogTail..] : log;
        var portTaken = log.Contains("Address already in use", StringComparison.OrdinalIgnoreCase)
            || log.Contains("Failed listening on port", StringComparison.OrdinalIgnoreCase);
        var message = $"{node} ({node.Program}) ended instead of starting. Its log:{Environment.NewLine}{tail.Trim()}";
        return portTaken ? new PortTakenException(message) : new LocalTopologyException(message);
    }
}

/// <summary>The port was free when it was reserved and taken when the server wanted it: another port may do.</summary>
internal sealed class PortTakenException(string message) : LocalTopologyException(message);
