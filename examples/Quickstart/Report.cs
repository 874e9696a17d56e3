// What the person at the terminal sees, and whether all of it was right.
using ClusterClient;

namespace Quickstart;

internal static class Report
{
    private static readonly Lock _gate = new();
    private static int _patches;

    internal static bool IsGood { get; private set; } = true;

    internal static void Title(string title)
    {
        lock (_gate) Console.WriteLine($"{Environment.NewLine}── {title} {new string('─', Math.Max(3, 76 - title.Length))}");
    }

    internal static void Line(string text)
    {
        lock (_gate) Console.WriteLine($"   {text}");
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

    /// <summary>Shows what the client noticed. A resharding moves slot after slot, so single slots are only counted.</summary>
    internal static void Change(TopologyChange change)
    {
        lock (_gate)
        {
            if (change.Reason == TopologyChangeReason.Moved && change.RoleChanges.IsEmpty && change.Added.IsEmpty && ++_patches % 250 != 1) return;
            Console.WriteLine($"     {DateTime.Now:HH:mm:ss.fff} {change}");
        }
    }

    internal static void Failed(Exception failure)
    {
        lock (_gate)
        {
            Console.WriteLine($"   ✗ {failure.GetType().Name}: {failure.Message}");
            Console.WriteLine(failure.StackTrace);
            IsGood = false;
        }
    }
}
