// What is done to the cluster, and told in the event log.
using ClusterClient;
using ClusterClient.Testing;

namespace ClusterWatch;

/// <summary>One fault at a time; a second one that is asked for meanwhile is refused.</summary>
internal sealed class Faults(LocalCluster cluster, RedisClient redis, EventLog log)
{
    private const int SlotsToMove = 500;
    private Task _running = Task.CompletedTask;

    /// <summary>The master that was killed and not restarted, or null.</summary>
    internal LocalNode? Killed { get; private set; }

    /// <summary>Does what a key says; false when it says nothing.</summary>
    internal bool TryBegin(char key)
    {
        Func<Task>? fault = key switch
        {
            'k' => KillAsync,
            'r' => RestartAsync,
            'f' => FailOverAsync,
            'm' => MoveSlotsAsync,
            _ => null,
        };
        if (fault is null) return false;
        if (_running.IsCompleted) _running = GuardAsync(fault);
        else log.Add(EventKind.Action, "wait: the last fault is not over yet");
        return true;
    }

    /// <summary>Until the fault in progress is over.</summary>
    internal Task WaitAsync() => _running;

    internal async Task KillAsync()
    {
        if (Killed is not null)
        {
            log.Add(EventKind.Action, $"{Killed} is dead already: r restarts it");
            return;
        }

        LocalNode victim = await cluster.GetSlotOwnerAsync(0);
        log.Add(EventKind.Action, $"kill -9 {victim}, master of slot 0");
        Killed = victim;
        await victim.KillAsync();
        if (!cluster.Capabilities.HasFlag(ServerCapabilities.AutomaticFailover))
        {
            log.Add(EventKind.Action, $"{cluster.Server} elects nobody: its replica is told to take over");
            await cluster.FailoverAsync(victim, FailoverMode.Takeover);
        }
    }

    internal async Task RestartAsync()
    {
        if (Killed is not { } node)
        {
            log.Add(EventKind.Action, "nobody is dead");
            return;
        }

        log.Add(EventKind.Action, $"restart {node}");
        await node.RestartAsync();
        Killed = null;
    }

    private async Task FailOverAsync()
    {
        LocalNode master = (await cluster.GetMastersAsync())[^1];
        log.Add(EventKind.Action, $"CLUSTER FAILOVER of {master}");
        LocalNode heir = await cluster.FailoverAsync(master);
        log.Add(EventKind.Action, $"{heir} has taken over");
    }

    private async Task MoveSlotsAsync()
    {
        IReadOnlyList<LocalNode> masters = await cluster.GetMastersAsync();
        int[] slots = [.. (await cluster.GetSlotsAsync(masters[0])).Take(SlotsToMove)];
        log.Add(EventKind.Action, $"{slots.Length} slots move from {masters[0]} to {masters[1]}");
        SlotMoveMode mode = cluster.Capabilities.HasFlag(ServerCapabilities.SlotMigrationByKey) ? SlotMoveMode.KeyByKey : SlotMoveMode.Bulk;
        await cluster.MoveSlotsAsync(slots, masters[0], masters[1], mode);
        await redis.RefreshTopologyAsync();
        log.Add(EventKind.Action, $"{slots.Length} slots have moved");
    }

    private async Task GuardAsync(Func<Task> fault)
    {
        try
        {
            await fault();
        }
        catch (Exception failure) when (failure is LocalTopologyException or TimeoutException or IOException or InvalidOperationException or RedisException)
        {
            log.Add(EventKind.Error, failure.Message);
        }
    }
}
