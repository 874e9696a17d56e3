// A cluster of fake servers that share one truth about slots, or deliberately do not.
using System.Globalization;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

/// <summary>
/// N fake masters, each with replicas if wanted. They redirect as real ones do, by the view each has: all share one by default;
/// a test gives a node a view of its own to make it lag or lie.
/// </summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    // Replaced, not changed: its nodes answer CLUSTER NODES while a test adds and removes others.
    private volatile IReadOnlyList<FakeNode> _nodes = [];
    private int _made;

    private FakeCluster()
    {
    }

    public IReadOnlyList<FakeNode> Nodes => _nodes;

    public IReadOnlyList<FakeNode> Masters => [.. _nodes.Where(static node => node.MasterId is null)];

    /// <summary>Held while a node runs a command.</summary>
    public Lock OneAtATime { get; } = new();

    /// <summary>What is true, and what every node believes that has no view of its own.</summary>
    public FakeView Truth { get; private set; } = new([]);

    /// <summary>A cluster whose slots are spread evenly, in order.</summary>
    public static FakeCluster Start(int masters, int replicasPerMaster = 0)
    {
        FakeCluster cluster = new();
        for (int i = 0; i < masters; i++) cluster.Add(null);
        foreach (FakeNode master in cluster.Masters)
        {
            for (int i = 0; i < replicasPerMaster; i++) cluster.Add(master.Id);
        }

        FakeNode?[] owners = new FakeNode?[HashSlot.Count];
        for (int slot = 0; slot < owners.Length; slot++) owners[slot] = cluster._nodes[(int)((long)slot * masters / owners.Length)];
        cluster.Truth = new FakeView(owners);
        return cluster;
    }

    public FakeNode this[int index] => _nodes[index];

    public FakeNode OwnerOf(string key) => Truth.OwnerOf(HashSlot.Of((RedisKey)key))!;

    /// <summary>A key of the node's, which nobody else made.</summary>
    public string KeyOf(FakeNode node, string prefix = "key")
    {
        for (int i = 0; ; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}");
            if (OwnerOf(key) == node) return key;
        }
    }

    /// <summary>Gives a slot and its keys to another node, with a new epoch, seen by all who share the truth.</summary>
    public void Move(int slot, FakeNode to) => Move([slot], to);

    /// <summary>The same for many slots at the same moment.</summary>
    public void Move(IReadOnlyCollection<int> slots, FakeNode to)
    {
        lock (OneAtATime) MoveAtOnce(slots, to);
    }

    /// <summary>Gives all slots of a node to another.</summary>
    public void MoveAll(FakeNode from, FakeNode to) => Move(SlotsOf(from), to);

    public int[] SlotsOf(FakeNode node) => [.. Enumerable.Range(0, HashSlot.Count).Where(slot => Truth.OwnerOf(slot) == node)];

    private void MoveAtOnce(IReadOnlyCollection<int> slots, FakeNode to)
    {
        FakeView before = Truth;
        Truth = before.With(slots, to);
        to.ConfigEpoch = _nodes.Max(static node => node.ConfigEpoch) + 1;
        HashSet<int> moving = [.. slots];
        foreach (FakeNode from in slots.Select(before.OwnerOf).OfType<FakeNode>().Where(from => from != to).ToHashSet())
        {
            foreach (string key in from.Server.Store.Keys.Where(key => HashSlot.Of((RedisKey)key) is var slot && moving.Contains(slot) && before.OwnerOf(slot) == from))
                from.Server.Store.MoveTo(to.Server.Store, key);
        }
    }

    /// <summary>A replica is elected in place of its master, which has fallen silent.</summary>
    public void FailOver(FakeNode master, FakeNode replica)
    {
        lock (OneAtATime)
        {
            FakeNode?[] owners = new FakeNode?[HashSlot.Count];
            for (int slot = 0; slot < owners.Length; slot++) owners[slot] = Truth.OwnerOf(slot) == master ? replica : Truth.OwnerOf(slot);
            Truth = new FakeView(owners);
            (replica.MasterId, replica.ConfigEpoch, master.IsFailed) = (null, _nodes.Max(static node => node.ConfigEpoch) + 1, true);
        }
    }

    /// <summary>Adds a node that owns nothing yet.</summary>
    public FakeNode Add(string? masterId)
    {
        FakeNode node = new(this, _made++, masterId);
        lock (OneAtATime) _nodes = [.. _nodes, node];
        return node;
    }

    /// <summary>The others forget a node; its server runs on, and is the test's to end.</summary>
    public void Remove(FakeNode node)
    {
        lock (OneAtATime) _nodes = [.. _nodes.Where(other => other != node)];
    }

    public Task<RedisClient> ConnectAsync(Action<RedisClientOptions>? configure = null, int seed = 0)
        => Until.EndsAsync(RedisClient.ConnectAsync(TestClient.Options(_nodes[seed].Server.Endpoint, options =>
        {
            options.Topology = TopologyMode.Auto;
            configure?.Invoke(options);
        })));

    /// <summary>How many commands of a name the nodes received, all together.</summary>
    public int CountOf(string name) => _nodes.Sum(node => node.Server.CountOf(name));

    public async ValueTask DisposeAsync()
    {
        foreach (FakeNode node in _nodes) await node.Server.DisposeAsync();
    }
}
