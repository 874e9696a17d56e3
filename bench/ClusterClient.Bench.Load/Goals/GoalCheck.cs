// A goal held against what was measured in the same run.
using System.Globalization;

namespace ClusterClient.Bench.Load;

internal enum GoalKind
{
    Throughput,
    EveryRound,
    Cpu,
    P99,
    Allocation,
}

/// <param name="Kind">Which figure it is about.</param>
/// <param name="IsMet">Whether it was reached.</param>
/// <param name="Wanted">What was wanted, in words.</param>
/// <param name="Got">What was measured, in words.</param>
/// <param name="WantedRate">For throughput: the commands per second wanted.</param>
internal sealed record GoalCheck(GoalKind Kind, bool IsMet, string Wanted, string Got, double? WantedRate = null)
{
    /// <summary>Every goal of a row that its figures allow to judge.</summary>
    public static IReadOnlyList<GoalCheck> Of(Row row)
    {
        if (row[Results.Own] is not { Median: Sample own } ownEntry) return [];
        Entry? peerEntry = row[Results.Peer];
        Sample? peer = peerEntry?.Median;
        Sample? floor = row[Results.Floor]?.Median;
        Goal? goal = Goal.For(row.Workload);
        var checks = new List<GoalCheck>();

        if (goal is not null && Rate(goal, peer, floor) is (double rate, string words))
            checks.Add(new(GoalKind.Throughput, own.CommandsPerSecond >= rate, words, Figures.Rate(own.CommandsPerSecond), rate));
        if (goal is { IsFasterInEveryRound: true } && peer is not null)
        {
            (int won, int rounds) = ownEntry.RoundsWon(peerEntry!);
            checks.Add(new(GoalKind.EveryRound, won == rounds, "every round", string.Create(CultureInfo.InvariantCulture, $"{won} of {rounds}")));
        }

        if (goal?.ShareOfPeerCpu is double share && peer?.ClientCpuMicroseconds is double cpu)
            checks.Add(AtMost(GoalKind.Cpu, own.ClientCpuMicroseconds, share * cpu));
        if (peer?.P99Microseconds is double p99) checks.Add(AtMost(GoalKind.P99, own.P99Microseconds, p99));
        if (Goal.IsFreeOfAllocation(row.Workload))
            checks.Add(new(GoalKind.Allocation, own.AllocatedBytes < 1, "< 1 B", $"{Figures.Bytes(own.AllocatedBytes)} B"));
        return checks;
    }

    private static (double Rate, string Words)? Rate(Goal goal, Sample? peer, Sample? floor)
    {
        double? ofPeer = goal.TimesPeer * peer?.CommandsPerSecond;
        double? ofFloor = goal.ShareOfFloor * floor?.CommandsPerSecond;
        // The lesser of the two; with only one of them measured nothing can be said.
        if (ofFloor is null || (goal.TimesPeer is not null && ofPeer is null)) return null;
        return ofPeer < ofFloor
            ? (ofPeer.Value, string.Create(CultureInfo.InvariantCulture, $"{Figures.Rate(ofPeer)} ({goal.TimesPeer:0.0#} × SE)"))
            : (ofFloor.Value, string.Create(CultureInfo.InvariantCulture, $"{Figures.Rate(ofFloor)} ({goal.ShareOfFloor:0.00} of floor)"));
    }

    private static GoalCheck AtMost(GoalKind kind, double? got, double wanted) =>
        new(kind, got <= wanted, $"≤ {Figures.Micros(wanted)}", Figures.Micros(got));
}
