// What must hold of a client after any failover: it follows the heir, and nothing that it writes reaches the demoted master.
using ClusterClient.IntegrationTests.Testing;
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Failover;

internal static class AfterFailover
{
    /// <summary>Waits until a client takes a node for the master, and writes to it.</summary>
    internal static Task IsFollowedAsync(RedisClient redis, LocalNode heir)
        => Eventually.TrueAsync(() => redis.Topology.Masters[0] is { IsHeld: false } master && master.Endpoint.Port == heir.Port, "the failover is followed");

    /// <summary>
    /// A master that Sentinels have demoted goes on calling itself master for up to 11 s, and would take writes: it is sent none, neither then nor when it is a replica.
    /// </summary>
    /// <param name="demoted">The master of before; the Sentinels have named another, just now.</param>
    /// <param name="write">Writes through the client.</param>
    internal static async Task GetsNoWriteAsync(LocalNode demoted, Func<Task> write)
    {
        long ran = await ServedCounts.WritesAsync(demoted);
        await write();
        long later = await ServedCounts.WritesAsync(demoted);

        // A replica runs its master's writes too, and refuses a client's: what it ran is a client's only as long as it is a master.
        Assert.Equal(LocalNodeRole.Master, await demoted.GetRoleAsync());
        Assert.Equal(ran, later);
        await Eventually.TrueAsync(async () => await demoted.GetRoleAsync() == LocalNodeRole.Replica, "the Sentinels make it a replica");
        await write();
        Assert.Equal(0, await ServedCounts.RefusedWritesAsync(demoted));
    }

    /// <summary>
    /// A master that handed over (FAILOVER TO) is a replica at once, and refuses what it is sent until the heir is known; from then on it is sent nothing more.
    /// </summary>
    /// <param name="demoted">The master of before.</param>
    /// <param name="redis">The client.</param>
    /// <param name="heir">Whom it must follow.</param>
    /// <param name="write">Returns when many more writes have succeeded.</param>
    /// <returns>How many writes it had refused.</returns>
    internal static async Task<long> IsRefusedNoMoreAsync(LocalNode demoted, RedisClient redis, LocalNode heir, Func<Task> write)
    {
        await IsFollowedAsync(redis, heir);
        await write();
        Assert.Equal(LocalNodeRole.Replica, await demoted.GetRoleAsync());
        long refused = await ServedCounts.RefusedWritesAsync(demoted);
        await write();
        await write();
        Assert.Equal(refused, await ServedCounts.RefusedWritesAsync(demoted));
        return refused;
    }
}
