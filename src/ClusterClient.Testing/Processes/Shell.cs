// Shells that watch over what this process started: each reads from a pipe that only this process holds.
using System.Diagnostics;

namespace ClusterClient.Testing.Processes;

internal static class Shell
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(15);

    /// <summary>For a program that runs in this process's own environment.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoVariables = new Dictionary<string, string>(StringComparer.Ordinal);

    public static Process Start(string script, string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("ClusterClient.Testing starts servers through a POSIX shell: run the tests on Linux or macOS, or in WSL.");

        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.ArgumentList.Add("clusterclient-watchdog");
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? NoVariables)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new LocalTopologyException("/bin/sh could not be started.");
    }

    /// <summary>Closes the pipe, which tells the shell to clean up, and waits until it has.</summary>
    public static async Task EndAsync(Process shell)
    {
        shell.StandardInput.Close();
        using var limit = new CancellationTokenSource(EndTimeout);
        try
        {
            await shell.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new LocalTopologyException($"the watchdog shell {shell.Id} did not end within {EndTimeout.TotalSeconds:0} s after it was told to.");
        }
    }
}
