// The master is killed; reads go on; an operator promotes a replica; writes follow.
using System.Diagnostics;
using ClusterClient;
using ClusterClient.Testing;

namespace ReadFromReplica;

internal static class MasterLoss
{
    internal static async Task ShowAsync(RedisClient redis, Stage stage)
    {
        Report.Title("The master is killed while a reader and a writer are at work");
        LocalNode heir = stage.Replicas[0];
        await using Callers callers = new(redis);
        await Task.Delay(300);
        Report.Event($"kill -9 {stage.Master}, after {callers.Reads} reads and {callers.Writes} writes");
        await stage.Master.KillAsync();
        (int reads, int writes) = (callers.Reads, callers.Writes);
        await Task.Delay(1500);
        Report.Event($"1.5 s without a master: {callers.Reads - reads} more reads were answered, {callers.Writes - writes} writes; the write at hand waits inside its deadline");
        Report.Check(callers.Reads > reads, "reads went on without a master");

        Report.Event($"an operator promotes {heir}");
        long promoted = Stopwatch.GetTimestamp();
        await stage.PromoteAsync(heir);
        for (int i = 0; i < 1000 && callers.LastWrite < promoted; i++) await Task.Delay(10);
        Report.Event($"the first write went well {Stopwatch.GetElapsedTime(promoted, callers.LastWrite).TotalMilliseconds:F0} ms after the promotion was asked for");
        await Task.Delay(300);

        Report.Title("What the callers saw");
        Report.Line($"{callers.Reads} reads, {callers.FailedReads} failed, the slowest took {callers.LongestReadPause.TotalMilliseconds:F0} ms");
        Report.Line($"{callers.Writes} writes, {callers.FailedWrites} failed (only the one on the wire when the master died may)");
        Report.Check(callers.FailedReads == 0, "no read failed");
        Report.Check(callers.FailedWrites <= 1, "no write failed but the one that was on the wire");
        Report.Check(redis.Topology.MasterOf(Callers.Key)?.Endpoint.Port == heir.Port, $"the client writes to {heir} now");
    }
}
