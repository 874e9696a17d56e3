// Waits for what must come true, and fails with the last state when it does not.
using System.Diagnostics;

namespace ClusterClient.UnitTests.Topology.Support;

internal static class Eventually
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, Func<string> state)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > _limit) Assert.Fail($"did not come true within {_limit}: {state()}");
            await Task.Delay(1);
        }
    }

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(_limit);

    public static Task Within(this Task task) => task.WaitAsync(_limit);
}
