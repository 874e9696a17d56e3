// Which of the nodes that hold a key may answer a read of it.
using ClusterClient.Configuration;

namespace ClusterClient;

/// <summary>
/// Which of the nodes that hold a key may answer commands that change no data and name a key. Everything else goes to the master under every policy:
/// writes, commands without keys, cursors, and commands this library does not know. Nodes that are equally good take turns;
/// one that has clearly more commands in flight than another is passed over.
/// </summary>
/// <remarks>
/// Replicas lag behind: what a replica answers may be older than what the caller has just written. A replica that is loading, silent, or cut off from a
/// master that lives is not asked (see <see cref="RedisClientOptions.AllowStaleReplicas"/>); while the master is gone, its replicas go on answering. One
/// that fails or refuses is skipped for that call at once.
/// </remarks>
public sealed class ReadFrom
{
    private const string NotBoth = "Reads with a bound on age or lag are not hedged: a second node would have to prove its freshness too.";

    private ReadFrom(ReadPolicy policy, ReadSelector? selector = null) => (Policy, Selector) = (policy, selector);

    /// <summary>The master alone. The default.</summary>
    public static ReadFrom Master { get; } = new(ReadPolicy.Master);

    /// <summary>The master while it can be reached, else its replicas.</summary>
    public static ReadFrom MasterPreferred { get; } = new(ReadPolicy.MasterPreferred);

    /// <summary>Replicas alone: while none is fit, reads wait for one until their deadline. A lone server answers by itself.</summary>
    public static ReadFrom Replica { get; } = new(ReadPolicy.Replica);

    /// <summary>Replicas; the master while none is fit.</summary>
    public static ReadFrom ReplicaPreferred { get; } = new(ReadPolicy.ReplicaPreferred);

    /// <summary>Master and replicas alike.</summary>
    public static ReadFrom Any { get; } = new(ReadPolicy.Any);

    /// <summary>Whichever of master and replicas answers soonest, by the time their heartbeats take; those that are about as near share the load.</summary>
    public static ReadFrom Nearest { get; } = new(ReadPolicy.Nearest);

    /// <summary>
    /// Replicas in this client's own zone (<see cref="RedisClientOptions.AvailabilityZone"/>), then the master if it is in that zone, then other replicas, then
    /// the master. Valkey 8.1 and later tell their zone (<c>availability-zone</c>); for others see <see cref="RedisClientOptions.ZoneOf"/>.
    /// </summary>
    public static ReadFrom AzAffinity { get; } = new(ReadPolicy.AzAffinity);

    /// <summary>The shortest bound there is: the comparison of master and replicas takes some milliseconds itself.</summary>
    internal static readonly TimeSpan ShortestStaleness = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest.</summary>
    internal static readonly TimeSpan LongestStaleness = TimeSpan.FromHours(1);

    /// <summary>How old what a replica answers may be at the most; null for any age. See <see cref="WithMaxStaleness"/>.</summary>
    public TimeSpan? MaxStaleness { get; private init; }

    /// <summary>How many bytes of the master's replication stream a replica may lack; null for any number. See <see cref="WithMaxLag"/>.</summary>
    public long? MaxLag { get; private init; }

    /// <summary>After what time a second node is asked; null for the time that all but the slowest twentieth take. Means nothing unless hedged.</summary>
    internal TimeSpan? HedgeAfter { get; private init; }

    /// <summary>Second questions per hundred reads; 0 where reads are not hedged.</summary>
    internal int HedgePercent { get; private init; }

    internal ReadPolicy Policy { get; }

    internal ReadSelector? Selector { get; }

    /// <summary>A policy of your own.</summary>
    /// <param name="selector">Chooses among the nodes that can be asked right now. Called for every read, by many threads, so it must be quick and must not block.</param>
    public static ReadFrom Custom(ReadSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new(ReadPolicy.Custom, selector);
    }

    /// <summary>
    /// The same policy, where a replica answers only if it is known to have all that its master had this long before the read was sent; the master answers otherwise.
    /// While such reads come, master and replicas are asked how far they have come after three quarters of that span (half of a span below 100 ms; at least every 100 ms) by
    /// <c>INFO replication</c>, 4 µs each; no clock of a server is believed. Reads that come more seldom than that go to the master: asking would cost it more. In a cluster the master is asked too where a replica finds nothing: it may not know that the key has left with its slot. When the master is gone for longer than the bound, such reads wait for one until their deadline.
    /// </summary>
    /// <param name="bound">10 ms to 1 h.</param>
    /// <exception cref="InvalidOperationException">The policy is hedged, or of the master alone.</exception>
    /// <remarks>The age is relative to the master that the client believes in: a master that was cut off from its cluster, and does not know it yet, looks like one.</remarks>
    public ReadFrom WithMaxStaleness(TimeSpan bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, ShortestStaleness);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound, LongestStaleness);
        ThrowIfUnboundable();
        return new(Policy, Selector) { MaxStaleness = bound, MaxLag = MaxLag };
    }

    /// <summary>The same policy, where a replica answers only if it lacks at most so many bytes of its master's replication stream, by a comparison at most 250 ms old; the master answers otherwise. What the master has written since that comparison comes on top.</summary>
    /// <param name="bytes">0 or more.</param>
    /// <exception cref="InvalidOperationException">The policy is hedged, or of the master alone.</exception>
    public ReadFrom WithMaxLag(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ThrowIfUnboundable();
        return new(Policy, Selector) { MaxStaleness = MaxStaleness, MaxLag = bytes };
    }

    /// <summary>
    /// The same policy, where a read whose answer is slow is asked of a second node too, and the first answer is taken: for tail latency, at the price of a timer and a few
    /// allocations a read. Reads of one slot only; not for policies with a bound on age or lag.
    /// </summary>
    /// <param name="after">How long the first node is waited for, 1 ms to 1 h; null for the time that all but the slowest twentieth of the client's hedged reads by this policy take, as measured all the time.</param>
    /// <param name="mostPercent">The most second questions, per hundred reads: a node that is slow for long must not double the load. The client's views of the same policy, delay and share have this together, however many are made. 1 to 100.</param>
    /// <exception cref="InvalidOperationException">The policy is of the master alone, or has a bound.</exception>
    public ReadFrom WithHedging(TimeSpan? after = null, int mostPercent = 5)
    {
        if (after is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, TimeSpan.FromMilliseconds(1), nameof(after));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(given, TimeSpan.FromHours(1), nameof(after));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(mostPercent, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mostPercent, 100);
        if (Policy == ReadPolicy.Master) throw new InvalidOperationException("Reads from the master alone cannot be hedged: there is no second node to ask.");
        if (IsBounded) throw new InvalidOperationException(NotBoth);
        return new(Policy, Selector) { HedgeAfter = after, HedgePercent = mostPercent };
    }

    /// <summary>Whether a slow read asks a second node.</summary>
    internal bool IsHedged => HedgePercent > 0;

    /// <summary>Whether a replica must prove how far it has come.</summary>
    internal bool IsBounded => MaxStaleness is not null || MaxLag is not null;

    /// <summary>The same policy with the client's bound on age, not hedged then; itself if there is none, if it has a bound of its own, or reads from the master alone.</summary>
    internal ReadFrom Inherit(TimeSpan? bound) => bound is null || IsBounded || Policy == ReadPolicy.Master ? this : new(Policy, Selector) { MaxStaleness = bound };

    private void ThrowIfUnboundable()
    {
        if (Policy == ReadPolicy.Master) throw new InvalidOperationException("Reads from the master alone need no bound on age or lag: no replica answers them. Take another policy, such as ReadFrom.ReplicaPreferred.");
        if (IsHedged) throw new InvalidOperationException(NotBoth);
    }

    /// <summary>The policy's name in a connection string; <c>custom</c>, which has none, for one of your own.</summary>
    public override string ToString() => OptionNames.CamelCase(Policy.ToString());
}

/// <summary>Chooses the node that answers a read.</summary>
/// <param name="candidates">The nodes that hold the key and can be asked; never empty. Valid during the call only.</param>
/// <returns>The place of the chosen one; −1 for none, and the read waits for another moment until its deadline.</returns>
public delegate int ReadSelector(ReadOnlySpan<ReadCandidate> candidates);

/// <summary>A node that could answer a read.</summary>
/// <param name="Endpoint">Its address.</param>
/// <param name="IsMaster">Whether it is the master of the key.</param>
/// <param name="AvailabilityZone">Its zone; null when it is not known.</param>
/// <param name="InFlight">Commands sent to it and not answered yet.</param>
/// <param name="Latency">The least time that its last five heartbeats took; zero when not measured yet.</param>
public readonly record struct ReadCandidate(NodeEndpoint Endpoint, bool IsMaster, string? AvailabilityZone, long InFlight, TimeSpan Latency);
