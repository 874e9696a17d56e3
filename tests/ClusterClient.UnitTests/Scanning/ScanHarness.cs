// Keys in fake servers, and scans of them that are disturbed between two keys.
using System.Globalization;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Scanning;

internal static class ScanHarness
{
    /// <summary>Keys spread over the whole cluster, each with its owner.</summary>
    public static HashSet<string> Fill(FakeCluster cluster, int count, string prefix = "key")
    {
        HashSet<string> keys = [];
        for (int i = 0; i < count; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{prefix}:{i}");
            cluster.OwnerOf(key).Server.Store[key] = [1];
            keys.Add(key);
        }

        return keys;
    }

    /// <summary>Runs a scan to its end; what is to happen is done when so many keys have come.</summary>
    public static async Task<List<string>> RunAsync(KeyScan scan, params (int After, Action Do)[] events)
    {
        scan.Patience = TimeSpan.FromSeconds(20);
        using CancellationTokenSource limit = new(Until.Limit);
        List<string> seen = [];
        await foreach (RedisKey key in scan.WithCancellation(limit.Token))
        {
            seen.Add(key.ToString());
            foreach ((int after, Action act) in events)
            {
                if (after == seen.Count) act();
            }
        }

        Assert.True(scan.Cursor.IsFinished);
        return seen;
    }

    public static void AssertAll(HashSet<string> expected, IReadOnlyCollection<string> seen)
    {
        string[] missing = [.. expected.Except(seen)];
        Assert.True(missing.Length == 0, $"{missing.Length} of {expected.Count} keys are missing, {string.Join(' ', missing.Take(5))} among them.");
    }

    /// <summary>A replica takes over with a copy of its master's keys.</summary>
    public static void FailOver(FakeCluster cluster, FakeNode master)
    {
        lock (cluster.OneAtATime)
        {
            FakeNode replica = cluster.Nodes.First(node => node.MasterId == master.Id);
            foreach (string key in master.Server.Store.Keys) replica.Server.Store[key] = master.Server.Store[key];
            cluster.FailOver(master, replica);
        }

        master.Server.GoDown();
    }

    /// <summary>A slot is opened for a move, and half of its keys travel.</summary>
    public static void BeginMove(FakeCluster cluster, int slot, FakeNode to)
    {
        lock (cluster.OneAtATime)
        {
            FakeNode from = cluster.Truth.OwnerOf(slot)!;
            to.Importing[slot] = from;
            from.Migrating[slot] = to;
            string[] keys = [.. from.Server.Store.Keys.Where(key => HashSlot.Of((RedisKey)key) == slot)];
            foreach (string key in keys.Take((keys.Length + 1) / 2)) from.Server.Store.MoveTo(to.Server.Store, key);
        }
    }

    public static void EndMove(FakeCluster cluster, int slot)
    {
        lock (cluster.OneAtATime)
        {
            FakeNode from = cluster.Truth.OwnerOf(slot)!;
            if (!from.Migrating.TryRemove(slot, out FakeNode? to)) return;
            to.Importing.TryRemove(slot, out _);
            cluster.Move(slot, to);
        }
    }
}
