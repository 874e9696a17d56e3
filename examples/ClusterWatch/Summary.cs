// What the demonstration came to, and whether it went as it should.
using System.Globalization;

namespace ClusterWatch;

internal static class Summary
{
    /// <summary>Prints it; false when something was wrong.</summary>
    internal static bool Print(Demo demo, Load load, NodeMeters meters)
    {
        long commands = meters.Sum(static node => node.Commands), failed = load.Errors.Values.Sum();
        Line($"The client knew the heir {demo.HeirKnownAfter.TotalSeconds:F1} s after the kill; no caller waited longer than {load.LongestGap.TotalSeconds:F1} s.");
        Line($"{commands:N0} commands, {load.Writes:N0} writes acknowledged, {failed} failed.");
        Line($"{meters.Retries} sent again, {meters.Sum(static node => node.Redirections)} redirects, {meters.Sum(static node => node.Reconnects)} reconnects.");
        foreach ((string name, long count) in load.Errors) Line($"  {count} × {name}");
        bool isGood = load.WrongValues == 0 && failed <= 200;
        Line($"{load.WrongValues} wrong values. {(isGood ? "All as it should be." : "NOT AS IT SHOULD BE.")}");
        return isGood;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
