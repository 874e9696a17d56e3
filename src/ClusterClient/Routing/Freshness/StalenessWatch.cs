// Compares a master with its replicas, again and again, for as long as reads want to know how far behind these are.
using System.Diagnostics;
using ClusterClient.Connections;
using ClusterClient.Diagnostics;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// One per master, started by the second of two reads with a bound that come within it, and ended when none has come for as long as the bound of any of the last: for reads that come seldom a comparison would cost the
/// master more than their answers. A replica that has as many bytes of the same history as the master had when it was asked is no older than that question. A link that was cut in silence
/// shows as a replica that does not come further.
/// </summary>
internal sealed class StalenessWatch(Router router, NodeEndpoint master)
{
    private const int Remembered = 64;
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(100);

    private readonly Queue<ReplicationSample> _samples = new(Remembered);
    private long _demandedAt = long.MinValue / 2;
    private long _wantedUntil = long.MinValue / 2;
    private long _bound = long.MaxValue;
    private long _boundUntil = long.MinValue / 2;
    private int _isRunning;

    /// <summary>The least bound that was asked for lately: one that nobody has asked for within it does not set the pace any more.</summary>
    private TimeSpan Bound => TimeSpan.FromTicks(Volatile.Read(ref _bound));

    /// <summary>A comparison takes a while, and a read may come just before it is done: it is begun while the one before still counts.</summary>
    private TimeSpan Interval
    {
        get
        {
            TimeSpan bound = Bound, interval = bound < _longest ? bound / 2 : bound * 0.75;
            return interval < _shortest ? _shortest : interval > _longest ? _longest : interval;
        }
    }

    private bool IsWanted => !router.IsDisposed && Environment.TickCount64 <= Volatile.Read(ref _wantedUntil);

    /// <summary>A read with a bound has come.</summary>
    internal void Demand(ReadFrom bounds)
    {
        long now = Environment.TickCount64, before = Volatile.Read(ref _demandedAt);
        if (now != before) Volatile.Write(ref _demandedAt, now);
        TimeSpan bound = bounds.MaxStaleness ?? ReplicaCoverage.LagLife;
        long until = now + (long)bound.TotalMilliseconds;
        if (until > Volatile.Read(ref _wantedUntil)) Volatile.Write(ref _wantedUntil, until);
        if (bound.Ticks <= Volatile.Read(ref _bound) || now > Volatile.Read(ref _boundUntil))
        {
            if (bound.Ticks != Volatile.Read(ref _bound)) Volatile.Write(ref _bound, bound.Ticks);
            if (until != Volatile.Read(ref _boundUntil)) Volatile.Write(ref _boundUntil, until);
        }

        if (Volatile.Read(ref _isRunning) == 0 && now - before <= bound.TotalMilliseconds && Interlocked.Exchange(ref _isRunning, 1) == 0) _ = RunAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            long comparedAt = long.MinValue;
            do
            {
                if (Volatile.Read(ref _demandedAt) >= comparedAt && router.Table.Reads?.OfMaster(master) is { Master: { } node } group)
                {
                    comparedAt = Environment.TickCount64;
                    await CompareAsync(node, group).ConfigureAwait(false);
                }

                await Task.Delay(Interval).ConfigureAwait(false);
            }
            while (IsWanted);
        }
        catch (Exception failure)
        {
            // Nobody waits for this: reads go to the master meanwhile, and the next ones start it anew.
            Log.StalenessWatchFailed(router.Logger, master, failure);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }

    private async Task CompareAsync(NodeConnection node, ReadGroup group)
    {
        if (await TrySampleAsync(node).ConfigureAwait(false) is { Info: { IsMaster: true, Id.Length: > 0 } } sample)
        {
            if (_samples.Count == Remembered) _samples.Dequeue();
            _samples.Enqueue(sample);
        }

        ReplicationSample[] samples = [.. _samples];
        Task[] replicas = new Task[group.Replicas.Length];
        for (int i = 0; i < replicas.Length; i++) replicas[i] = CompareAsync(group.Replicas[i], samples);

        // One that is slow to answer must not make the others look old.
        await Task.WhenAny(Task.WhenAll(replicas), Task.Delay(Interval)).ConfigureAwait(false);
    }

    private async Task CompareAsync(NodeConnection replica, ReplicationSample[] samples)
    {
        if (samples.Length == 0 || replica.Current is not { IsOpen: true } connection) return;
        if (await TrySampleAsync(replica).ConfigureAwait(false) is not { } sample || !ReferenceEquals(replica.Current, connection)) return;
        ReplicationInfo last = samples[^1].Info;
        long lag = string.Equals(last.Id, sample.Info.Id, StringComparison.Ordinal) && sample.Info.IsLinkUp ? Math.Max(0, last.Offset - sample.Info.Offset) : long.MaxValue;
        ReplicationSample? covered = Array.FindLast(samples, then => new FreshPoint(then.Info.Id, then.Info.Offset).IsReachedBy(sample.Info));
        connection.Sampler.Coverage = new ReplicaCoverage(master, covered?.Asked ?? 0, lag, samples[^1].Asked);
    }

    /// <summary>Null when the node does not say: then nothing is known of it, and the master answers.</summary>
    private static async Task<ReplicationSample?> TrySampleAsync(NodeConnection node)
    {
        if (node.Current is not { IsOpen: true } connection) return null;
        try
        {
            return await connection.Sampler.SampleAsync().ConfigureAwait(false);
        }
        catch (RedisException)
        {
            return null;
        }
    }
}
