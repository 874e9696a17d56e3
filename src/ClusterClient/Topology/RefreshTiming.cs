// How often the topology is asked for.
using ClusterClient.Configuration;

namespace ClusterClient.Topology;

/// <summary>How often the topology is asked for.</summary>
internal sealed record RefreshTiming
{
    /// <summary>Between refreshes without a cause, spread by a tenth either way so that clients do not ask in step; zero for never.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>At least this from the begin of one read to that of the next.</summary>
    public TimeSpan MinGap { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The same while commands stand still.</summary>
    public TimeSpan UrgentGap { get; init; } = EagerPace.Pause;

    /// <summary>What the gap grows to while MOVED after MOVED comes in: the patches keep the map right, the reads only confirm them.</summary>
    public TimeSpan MovedGapMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a master that is down keeps the reads at <see cref="UrgentGap"/>.</summary>
    public TimeSpan EagerFor { get; init; } = EagerPace.For;

    /// <summary>
    /// The longest gap while a master stays down. After <see cref="EagerFor"/> the gap is a sixtieth of the time it has been down, up to this: whoever
    /// mends it by hand is seen quickly, and a shard that is gone for good costs little.
    /// </summary>
    public TimeSpan PatientGapMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same where masters are only replaced by hand: a promotion is then followed within 300 ms however late it comes.</summary>
    public TimeSpan ByHandGapMax { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait after reads that failed or left something open.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same for a cluster of so many nodes. A look at 2000 of them is 430 KB from each node that is asked and 15 ms of this process' CPU, so from 100 nodes on the gaps grow with
    /// their number: 1 s while commands stand still, 2 s else.
    /// </summary>
    public RefreshTiming ScaledTo(int nodes) => this with
    {
        MinGap = Longer(MinGap, TimeSpan.FromMilliseconds(nodes)),
        UrgentGap = Longer(UrgentGap, TimeSpan.FromMilliseconds(nodes / 2)),
        MovedGapMax = Longer(MovedGapMax, TimeSpan.FromMilliseconds(5 * nodes)),
    };

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
