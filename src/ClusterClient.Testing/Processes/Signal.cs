// Sends POSIX signals to the servers this harness started.
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterClient.Testing.Processes;

/// <summary>The signals the harness uses, by a neutral name: their numbers differ between Linux and macOS.</summary>
internal enum Signal
{
    Kill,
    Terminate,
    Freeze,
    Thaw,
}

internal static partial class Posix
{
    private const int NoSuchProcess = 3;

    /// <summary>Who this process runs as.</summary>
    public static uint UserId => EffectiveUserId();

    public static void Send(int processId, Signal signal)
    {
        var mac = OperatingSystem.IsMacOS();
        var number = signal switch
        {
            Signal.Kill => 9,
            Signal.Terminate => 15,
            Signal.Freeze => mac ? 17 : 19,
            _ => mac ? 19 : 18,
        };
        if (Kill(processId, number) != 0 && Marshal.GetLastPInvokeError() is var error && error != NoSuchProcess)
            throw new LocalTopologyException($"process {processId} could not be signalled ({signal}): error {error}.");
    }

    /// <summary>
    /// Whether the process runs no more. A dead server stays a zombie until its watchdog is told to end (so its id is not given away
    /// meanwhile), and only /proc tells a zombie from the living.
    /// </summary>
    public static bool HasExited(int processId)
    {
        if (Kill(processId, 0) != 0)
            return true;
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            return stat.AsSpan(stat.LastIndexOf(')') + 2) is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return Kill(processId, 0) != 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
