// A server process whose end is certain: a watchdog shell ends it when this process is gone, however it went.
using System.Diagnostics;
using System.Globalization;

namespace ClusterClient.Testing.Processes;

/// <summary>
/// The server is the child of a shell that reads from a pipe only this process holds. When the pipe closes, because the topology is
/// disposed or because this process died (kill -9 as well), the shell kills the server, frozen or not. The shell does not reap the server
/// before, so the server's process id cannot pass to another process while a test may still signal it.
/// </summary>
internal sealed class WatchedProcess : ServerProcess
{
    // $1 is the log file, the rest is the command. Ctrl+C in a terminal reaches the whole process group: the shell must outlive it to clean up.
    private const string Watchdog =
        """
        trap '' INT QUIT HUP
        log=$1; shift
        exec 3<&0
        "$@" </dev/null >>"$log" 2>&1 3<&- &
        pid=$!
        trap '' TERM
        echo $pid
        exec >/dev/null 2>&1
        read -r line <&3
        kill -9 $pid
        wait $pid
        """;

    private readonly Process _watchdog;

    private WatchedProcess(Process watchdog, int processId)
    {
        _watchdog = watchdog;
        ProcessId = processId;
    }

    public override int ProcessId { get; }

    public override bool HasExited => Posix.HasExited(ProcessId);

    public static async Task<WatchedProcess> StartAsync(
        ServerCommand command, string folder, string logPath, CancellationToken cancellationToken)
    {
        var watchdog = Shell.Start(Watchdog, folder, [logPath, command.Program, .. command.Arguments], command.Environment);
        try
        {
            var line = await watchdog.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
                throw new LocalTopologyException($"the shell that was to start {command.Program} ended without doing so.");
            return new WatchedProcess(watchdog, processId);
        }
        catch
        {
            watchdog.Dispose();
            throw;
        }
    }

    public override void Send(Signal signal)
    {
        if (!HasExited)
            Posix.Send(ProcessId, signal);
    }

    public override async ValueTask DisposeAsync()
    {
        await Shell.EndAsync(_watchdog).ConfigureAwait(false);
        _watchdog.Dispose();
    }
}

/// <summary>What to run: the program, its arguments, and variables to set for it.</summary>
internal sealed record ServerCommand(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);
