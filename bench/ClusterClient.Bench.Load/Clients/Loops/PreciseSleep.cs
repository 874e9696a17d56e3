// Sleeping for less than a millisecond, which Thread.Sleep cannot, without spinning, which would take a core from what is measured.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterClient.Bench.Load;

internal static partial class PreciseSleep
{
    private const int SetTimerSlack = 29;

    /// <summary>Lets the kernel wake this thread to the microsecond instead of up to 50 late (Linux).</summary>
    public static void PrepareThread()
    {
        if (OperatingSystem.IsLinux()) _ = Control(SetTimerSlack, 1000);
    }

    /// <param name="timestamp">A reading of the Stopwatch; one that has passed returns at once.</param>
    public static void Until(long timestamp)
    {
        double left = (timestamp - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency;
        if (left <= 0) return;
        if (OperatingSystem.IsWindows()) Thread.Sleep(TimeSpan.FromSeconds(left));
        else _ = Sleep(new TimeSpec(0, (nint)(left * 1e9)), 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in TimeSpec time, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint value);

    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}
