// Shows who owns which slots, and where keys go.
using ClusterClient;
using ClusterClient.Testing;

namespace Quickstart;

internal static class SlotMap
{
    internal static void Print(TopologySnapshot topology)
    {
        Report.Line($"The slot map (version {topology.Version}):");
        foreach (TopologyNode master in topology.Masters.OrderBy(node => node.Endpoint.Port))
        {
            string slots = string.Join(' ', topology.SlotsOf(master).Take(6));
            string replicas = string.Join(", ", topology.ReplicasOf(master).Select(replica => replica.Endpoint.ToString()));
            Report.Line($"  {master.Endpoint,-16} master of {topology.SlotsOf(master).Sum(range => range.Count),5} slots {slots,-30} replica {replicas}");
        }
    }

    /// <summary>Hashes sample keys here and lets the server hash them too: both must agree.</summary>
    internal static async Task PrintSampleKeysAsync(RedisClient redis, LocalCluster cluster)
    {
        Report.Title("Where keys go: CRC16 of the key, or of its {hash tag}, modulo 16384");
        bool allAgree = true;
        foreach (string key in (string[])["foo", "user:1", "{user:1}:name", "{user:1}:age", "cart{user:1}", "{}odd", "{{x}}y", "ключ"])
        {
            int slot = HashSlot.Of(key);
            int byServer = await cluster.GetSlotOfAsync(key);
            allAgree &= slot == byServer;
            Report.Line($"  {key,-16} slot {slot,5}  on {redis.Topology.MasterOf(slot)?.Endpoint}");
        }

        Report.Check(allAgree, "the servers' own CLUSTER KEYSLOT says the same for each");
        Report.Check(HashSlot.Of("user:1") == HashSlot.Of("{user:1}:name") && HashSlot.Of("user:1") == HashSlot.Of("cart{user:1}"), "keys with one tag share one slot");
    }
}
