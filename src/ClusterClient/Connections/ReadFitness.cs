// Whether a node is fit to be read from: its mode in a cluster, its link to its master, how far away it is and in which zone.
using System.Diagnostics;
using ClusterClient.Configuration;
using ClusterClient.Diagnostics;
using ClusterClient.Protocol;
using Microsoft.Extensions.Logging;

namespace ClusterClient.Connections;

/// <summary>
/// Asks a node how it is with each heartbeat, on the connection that carries its reads, and keeps that connection in the mode its role needs. Asks
/// nothing while nobody reads from replicas.
/// </summary>
internal sealed class ReadFitness(NodeConnection node, ClientSettings settings, INodeObserver observer, ILogger logger)
{
    /// <summary>After a connection is made so many questions follow each other, for a first idea of how far away it leads.</summary>
    private const int FirstQuestions = 3;

    private static int s_made;

    private readonly Lock _gate = new();
    private volatile bool _isWatched;
    private volatile bool _wantsReadOnly;
    private volatile bool _isReplica;
    private volatile string? _zone;
    private volatile string? _refusal;
    private volatile Connection? _loading;
    private long _loadingSince;
    private readonly LatencyWindow _latency = new();
    private int _isAsking;
    private (bool IsMaster, bool IsLinkUp)? _told;
    private bool _wasRefused;

    /// <summary>Marks the node in the set of those a call has tried. Two nodes may share a mark: the call passes over both then.</summary>
    internal ulong Mark { get; } = 1UL << (Interlocked.Increment(ref s_made) & 63);

    /// <summary>Whether reads go to this node at all, so that it is asked how it is.</summary>
    internal bool IsWatched => _isWatched;

    /// <summary>The time its answers take; zero when not measured yet.</summary>
    internal TimeSpan Latency => _latency.Present;

    /// <summary>The zone it announces, or null.</summary>
    internal string? Zone
    {
        get => _zone;
        set => _zone = value;
    }

    /// <summary>Whether a new connection must be told READONLY: it leads to a replica of a cluster, which otherwise sends reads to its master.</summary>
    internal bool WantsReadOnly => _wantsReadOnly;

    /// <summary>Whether a replica may be read from.</summary>
    /// <param name="allowsStale">Whether one that is cut off from its master will do. Never one that calls itself a master: it goes its own way, or was restarted empty.</param>
    internal bool IsFitReplica(bool allowsStale)
        => node.Current is { IsOpen: true } connection && !node.IsSuspect
        && connection.Sampler.Latest is { Info.IsMaster: false } told && (told.Info.IsLinkUp || (allowsStale && told.Info.HasData))
        && !IsLoading(connection)
        && (connection.IsReadOnly || !_wantsReadOnly);

    /// <summary>Whether a master may be read from at this moment.</summary>
    internal bool IsFitMaster => node.Current is { IsOpen: true } connection && !node.IsSuspect && !IsLoading(connection);

    /// <summary>
    /// Whether a master answers nobody, for all that is known: it is silent or loading, or an attempt to connect has failed. That a connection is lost, or not made yet, says
    /// nothing, nor that it refuses this client: the master may live and go on, and then replicas that are cut off from it fall behind.
    /// </summary>
    internal bool IsGone => node.IsSuspect || node.SeemsDead || (node.Current is { } connection && IsLoading(connection));

    /// <summary>From here on the node is read from: it is asked how it is, at once if it is connected.</summary>
    /// <param name="isReplica">Whether it is a replica.</param>
    /// <param name="isCluster">Whether it is part of a cluster, whose replicas must be told READONLY.</param>
    internal void Watch(bool isReplica, bool isCluster)
    {
        bool isNew = !_isWatched;
        _isWatched = true;
        lock (_gate)
        {
            _isReplica = isReplica;
            _wantsReadOnly = isReplica && isCluster;
            Apply(node.Current);
            Apply(node.BulkIfAny?.Current);
        }

        if (isNew && node.Current is { IsOpen: true } connection) Ask(connection);
    }

    /// <summary>A connection is in use from now on.</summary>
    internal void OnConnected(Connection connection)
    {
        if (!_isWatched) return;
        lock (_gate) Apply(connection);
        if (!ReferenceEquals(node.Current, connection)) return; // the one for large values
        _told = null;
        _latency.Clear();
        Ask(connection);
    }

    /// <summary>Asks with a heartbeat.</summary>
    internal void OnHeartbeat(Connection connection)
    {
        if (_isWatched && ReferenceEquals(node.Current, connection)) Ask(connection);
    }

    /// <summary>A read was refused because the node is loading: nobody reads from it again until it has said otherwise, to whomever asked.</summary>
    internal void OnLoading() => MarkLoading(node.Current);

    /// <summary>READONLY was refused: a person has to permit it.</summary>
    internal void OnRefused(string refusal)
    {
        _refusal = refusal;
        if (_wasRefused || !_isReplica) return;
        _wasRefused = true;
        Log.ReadsDegraded(logger, node.Endpoint, refusal);
    }

    /// <summary>In few words, why a replica is not read from; for errors.</summary>
    internal string Describe()
    {
        if (!node.IsConnected) return $"{node.Name} is not connected{(node.LastFailure is { } failure ? $" ({failure.Failure})" : string.Empty)}";
        if (node.IsSuspect) return $"{node.Name} is silent";
        if (node.Current is not { } connection || IsLoading(connection)) return $"{node.Name} is loading its data";
        return connection switch
        {
            { IsReadOnly: false } when _wantsReadOnly && _refusal is not null => $"{node.Name} refuses READONLY: {_refusal}",
            { Sampler.Latest: null } => _refusal is null ? $"{node.Name} has not yet said how it is" : $"{node.Name} refuses INFO: {_refusal}",
            { Sampler.Latest.Info.IsMaster: true } => $"{node.Name} calls itself a master",
            { Sampler.Latest.Info.IsLinkUp: false } => $"{node.Name} is cut off from its master",
            _ => $"{node.Name} refused this read",
        };
    }

    /// <summary>A replica that loads says that its link is down; a master has none.</summary>
    private bool IsLoading(Connection connection)
        => ReferenceEquals(_loading, connection)
        && !(connection.Sampler.Latest is { Info: { IsMaster: false, IsLinkUp: true } } told && told.Asked > Volatile.Read(ref _loadingSince));

    private void MarkLoading(Connection? connection)
    {
        Volatile.Write(ref _loadingSince, Stopwatch.GetTimestamp());
        _loading = connection;
    }

    /// <summary>
    /// Finds out whether a node loads, where its answer to INFO does not tell: INFO is answered while loading, and a master's says nothing of it. PING is refused then.
    /// </summary>
    /// <returns>Whether that has changed.</returns>
    private async Task<bool> LookWhetherLoadingAsync(Connection connection)
    {
        bool isLoading = false, wasLoading = ReferenceEquals(_loading, connection);
        long asked = Stopwatch.GetTimestamp();
        try
        {
            await connection.ExecuteAsync(new Command(ControlCommands.Ping), AnyReply.Instance, settings.HangTimeoutMilliseconds).ConfigureAwait(false);
        }
        catch (RedisServerException refused)
        {
            // Refused for another reason (NOPERM, BUSY, MASTERDOWN): it does not load.
            isLoading = refused.Code is "LOADING";
        }
        catch (RedisException)
        {
            return false; // Lost or silent: the connection's end or the heartbeat says so.
        }

        if (!ReferenceEquals(node.Current, connection)) return false;
        if (isLoading)
        {
            MarkLoading(connection);
            return !wasLoading;
        }

        // Unless a read was refused since.
        if (Volatile.Read(ref _loadingSince) > asked) return false;
        _loading = null;
        return wasLoading;
    }

    /// <summary>Puts a connection into the mode that the node's role needs; under the lock. What is appended later runs in it.</summary>
    private void Apply(Connection? connection)
    {
        bool wanted = _wantsReadOnly;
        if (connection is not { IsOpen: true } || connection.IsReadOnly == wanted) return;
        connection.IsReadOnly = wanted;
        _ = ApplyAsync(connection, wanted);
    }

    private async Task ApplyAsync(Connection connection, bool wanted)
    {
        try
        {
            await connection.ExecuteAsync(new Command(wanted ? ControlCommands.ReadOnly : ControlCommands.ReadWrite), AnyReply.Instance, settings.HangTimeoutMilliseconds).ConfigureAwait(false);
        }
        catch (RedisServerException refused)
        {
            connection.IsReadOnly = false;
            if (wanted) OnRefused(refused.ServerMessage);
        }
        catch (RedisException)
        {
            // The connection ended, and the next one is told anew.
        }
    }

    private void Ask(Connection connection)
    {
        if (Interlocked.Exchange(ref _isAsking, 1) == 0) _ = AskAsync(connection);
    }

    private async Task AskAsync(Connection connection)
    {
        try
        {
            Task<ReplicationSample> info = connection.Sampler.SampleAsync();

            // Behind it on the wire: one round trip for both. A replica's link is down while it loads, so it is asked only when a read was refused.
            bool isLooking = ReferenceEquals(_loading, connection) || (connection.Sampler.Latest is { } before ? before.Info.IsMaster : !_isReplica);
            Task<bool> look = isLooking ? LookWhetherLoadingAsync(connection) : Task.FromResult(false);
            bool isMaster = await HearAsync(connection, info).ConfigureAwait(false);
            if (isMaster && !isLooking) look = LookWhetherLoadingAsync(connection);
            if (await look.ConfigureAwait(false)) observer.OnFitnessChanged(node);
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);

            // A connection made meanwhile found the question still out on the old one.
            if (node.Current is { IsOpen: true } now && (ReferenceEquals(now, connection) ? _latency.Count is > 0 and < FirstQuestions : now.Sampler.Latest is null)) Ask(now);
        }
    }

    /// <summary>Takes the answer to INFO, and tells those who want to know at once.</summary>
    /// <returns>Whether the node calls itself a master.</returns>
    private async ValueTask<bool> HearAsync(Connection connection, Task<ReplicationSample> answer)
    {
        try
        {
            ReplicationSample sample = await answer.ConfigureAwait(false);
            ReplicationInfo info = sample.Info;
            _latency.Add(sample.Age);

            // What an earlier connection said does not count for this one.
            if (!ReferenceEquals(node.Current, connection)) return false;
            observer.OnReplicationTold(node, info.IsMaster);
            bool isNews = _told != (info.IsMaster, info.IsLinkUp);
            _told = (info.IsMaster, info.IsLinkUp);
            if (isNews) observer.OnFitnessChanged(node);
            return info.IsMaster;
        }
        catch (RedisServerException refused) when (refused.Code is "LOADING")
        {
            MarkLoading(connection);
        }
        catch (RedisServerException refused) when (refused.Code is "NOPERM")
        {
            OnRefused(refused.ServerMessage);
        }
        catch (RedisException)
        {
            // Busy with a script: it is as it was. Lost or silent: the connection's end or the heartbeat says so.
        }

        return false;
    }
}
