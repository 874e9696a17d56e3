// What the person at the terminal sees, and whether all of it was right.
using System.Diagnostics;

namespace ReadFromReplica;

internal static class Report
{
    private static readonly Lock _gate = new();
    private static readonly long _started = Stopwatch.GetTimestamp();

    internal static bool IsGood { get; private set; } = true;

    internal static void Title(string title)
    {
        lock (_gate) Console.WriteLine($"{Environment.NewLine}── {title} {new string('─', Math.Max(3, 76 - title.Length))}");
    }

    internal static void Line(string text)
    {
        lock (_gate) Console.WriteLine($"   {text}");
    }

    /// <summary>Something happened: with the time since the start.</summary>
    internal static void Event(string text)
    {
        lock (_gate) Console.WriteLine($"   {Stopwatch.GetElapsedTime(_started).TotalSeconds,7:F3} s  {text}");
    }

    /// <summary>Says whether something that must hold holds; the exit code remembers.</summary>
    internal static void Check(bool holds, string what)
    {
        lock (_gate)
        {
            Console.WriteLine($"   {(holds ? "✓" : "✗ NOT TRUE:")} {what}");
            IsGood &= holds;
        }
    }

    internal static void Failed(Exception failure)
    {
        lock (_gate)
        {
            Console.WriteLine($"   ✗ {failure}");
            IsGood = false;
        }
    }
}
