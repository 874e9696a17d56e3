// What the person at the terminal of an example sees, and whether all of it was right.
using System.Diagnostics;

namespace Examples;

/// <summary>Callers report at the same time: a line is never torn.</summary>
internal static class Report
{
    private static readonly Lock _gate = new();
    private static readonly long _started = Stopwatch.GetTimestamp();

    internal static bool IsGood { get; private set; } = true;

    internal static void Title(string title) => Write($"{Environment.NewLine}── {title} {new string('─', Math.Max(3, 76 - title.Length))}");

    internal static void Line(string text) => Write($"   {text}");

    /// <summary>Something happened: with the time since the start.</summary>
    internal static void Event(string text) => Write($"   {Stopwatch.GetElapsedTime(_started).TotalSeconds,7:F3} s  {text}");

    /// <summary>Says whether something that must hold holds; the exit code remembers.</summary>
    internal static void Check(bool holds, string what)
    {
        if (!holds) IsGood = false;
        Write($"   {(holds ? "✓" : "✗ NOT TRUE:")} {what}");
    }

    internal static void Failed(Exception failure)
    {
        IsGood = false;
        Write($"   ✗ {failure}");
    }

    /// <summary>The last line.</summary>
    /// <returns>The exit code.</returns>
    internal static int End(string detail = "")
    {
        Write($"{Environment.NewLine}   {(IsGood ? "Everything was right" : "SOMETHING WAS WRONG")}{detail}.");
        return IsGood ? 0 : 1;
    }

    private static void Write(string text)
    {
        lock (_gate) Console.WriteLine(text);
    }
}
