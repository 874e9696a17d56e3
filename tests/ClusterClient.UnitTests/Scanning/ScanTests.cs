// Every key is given, whatever happens to nodes, slots and processes meanwhile, and the scan ends.
using ClusterClient.UnitTests.Fakes;
using static ClusterClient.UnitTests.Scanning.ScanHarness;

namespace ClusterClient.UnitTests.Scanning;

public class ScanTests
{
    [Fact]
    public async Task A_quiet_cluster_gives_each_key_once()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3, replicasPerMaster: 1);
        HashSet<string> keys = Fill(cluster, 1000);
        await using RedisClient redis = await cluster.ConnectAsync();
        List<string> seen = await RunAsync(redis.ScanAsync(count: 50));
        AssertAll(keys, seen);
        Assert.Equal(keys.Count, seen.Count);
        Assert.All(cluster.Nodes.Where(static node => node.MasterId is not null), static replica => Assert.Equal(0, replica.Server.CountOf("SCAN")));
    }

    [Fact]
    public async Task Keys_that_others_left_on_a_node_are_not_given_by_it()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        HashSet<string> keys = Fill(cluster, 100);
        foreach (string key in keys.Where(key => cluster.OwnerOf(key) == cluster[0]).Take(20)) cluster[1].Server.Store[key] = [9];
        await using RedisClient redis = await cluster.ConnectAsync();
        Assert.Equal(keys.Order(), (await RunAsync(redis.ScanAsync())).Order());
    }

    [Fact]
    public async Task Pattern_type_and_count_go_to_the_servers_and_a_hash_tag_names_the_one_node()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3);
        Fill(cluster, 100);
        HashSet<string> tagged = Fill(cluster, 30, "{cart:7}");
        await using RedisClient redis = await cluster.ConnectAsync();
        Assert.Equal(tagged.Order(), (await RunAsync(redis.ScanAsync("{cart:7}*", RedisType.String, count: 10))).Order());
        FakeNode owner = cluster.OwnerOf("{cart:7}");
        Assert.All(cluster.Nodes, node => Assert.Equal(node == owner, node.Server.CountOf("SCAN") > 0));
        Assert.EndsWith(" MATCH {cart:7}* COUNT 10 TYPE string", owner.Server.Of("SCAN")[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slots_that_move_to_a_node_that_was_walked_already_are_walked_there_again()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3);
        HashSet<string> keys = Fill(cluster, 900);
        await using RedisClient redis = await cluster.ConnectAsync();
        List<string> seen = await RunAsync(redis.ScanAsync(count: 50),
            (500, () => MoveMany(cluster, from: 2, to: 0, slots: 1500)),
            (700, () => MoveMany(cluster, from: 1, to: 0, slots: 1500)),
            (720, () => MoveMany(cluster, from: 0, to: 2, slots: 500)));
        AssertAll(keys, seen);
    }

    [Fact]
    public async Task A_slot_that_goes_away_and_comes_back_during_a_walk_is_not_taken_for_walked()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        HashSet<string> keys = Fill(cluster, 600);
        await using RedisClient redis = await cluster.ConnectAsync();

        // Half of them leave before the walk comes to them, and are back behind its back: one step is made in between, and no look.
        int[] away = cluster.SlotsOf(cluster[0])[..4000];
        List<string> seen = await RunAsync(redis.ScanAsync(count: 200),
            (20, () => cluster.Move(away, cluster[1])),
            (205, () => cluster.Move(away, cluster[0])));
        AssertAll(keys, seen);
    }

    [Fact]
    public async Task A_slot_in_the_middle_of_its_move_is_waited_for()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2);
        HashSet<string> keys = Fill(cluster, 300);
        HashSet<string> moving = Fill(cluster, 40, "{moving}");
        int slot = HashSlot.Of("{moving}");
        FakeNode target = cluster.Masters.First(node => node != cluster.OwnerOf("{moving}"));
        BeginMove(cluster, slot, target);
        await using RedisClient redis = await cluster.ConnectAsync();
        KeyScan scan = redis.ScanAsync();
        Task<List<string>> run = RunAsync(scan);

        // Everything else is done, and the nodes are asked again and again.
        await Until.HoldsAsync(() => scan.Cursor.Progress > 0.999);
        await Until.HoldsAsync(() => cluster.CountOf("INFO") > 20);
        Assert.False(run.IsCompleted);
        EndMove(cluster, slot);
        AssertAll([.. keys, .. moving], await Until.EndsAsync(run));
    }

    [Fact]
    public async Task A_master_that_is_replaced_in_mid_walk_is_walked_anew_on_its_heir()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 3, replicasPerMaster: 1);
        HashSet<string> keys = Fill(cluster, 900);
        await using RedisClient redis = await cluster.ConnectAsync();
        List<string> seen = await RunAsync(redis.ScanAsync(count: 30),
            (100, () => FailOver(cluster, cluster[0])),
            (500, () => FailOver(cluster, cluster[1])));
        AssertAll(keys, seen);
    }

    [Fact]
    public async Task A_cursor_is_not_used_on_another_process()
    {
        await using FakeServer server = new();
        HashSet<string> keys = [.. Enumerable.Range(0, 500).Select(static i => $"key:{i}")];
        foreach (string key in keys) server.Store[key] = [1];
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        List<string> seen = await RunAsync(redis.ScanAsync(count: 20), (250, server.Restart));
        AssertAll(keys, seen);
        Assert.Equal(2, server.Of("SCAN").Count(static command => command[1] == "0"));
    }

    [Fact]
    public async Task A_lost_connection_to_the_same_process_costs_no_new_walk()
    {
        await using FakeServer server = new();
        HashSet<string> keys = [.. Enumerable.Range(0, 500).Select(static i => $"key:{i}")];
        foreach (string key in keys) server.Store[key] = [1];
        int steps = 0;
        server.On("SCAN", command => ++steps % 5 == 3 ? FakeAnswer.Reset : null);
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        List<string> seen = await RunAsync(redis.ScanAsync(count: 20), (100, server.CloseAll));
        Assert.Equal(keys.Order(), seen.Order());
        Assert.Single(server.Of("SCAN"), static command => command[1] == "0");
    }

    [Fact]
    public async Task A_replaced_master_that_does_not_know_it_is_not_believed()
    {
        await using FakeCluster cluster = FakeCluster.Start(masters: 2, replicasPerMaster: 1);
        HashSet<string> keys = Fill(cluster, 300);
        await using RedisClient redis = await cluster.ConnectAsync();
        FakeNode old = cluster[0];
        List<string> seen = await RunAsync(redis.ScanAsync(count: 20), (5, () =>
        {
            // It lives on in its own world, and its heir has a key that it never saw.
            old.View = cluster.Truth;
            FakeNode heir = cluster.Nodes.First(node => node.MasterId == old.Id);
            foreach (string key in old.Server.Store.Keys) heir.Server.Store[key] = [1];
            cluster.FailOver(old, heir);
            string late = cluster.KeyOf(heir, "late");
            heir.Server.Store[late] = [1];
            keys.Add(late);
        }
        ));
        AssertAll(keys, seen);
    }

    internal static void MoveMany(FakeCluster cluster, int from, int to, int slots) => cluster.Move(cluster.SlotsOf(cluster[from])[..slots], cluster[to]);
}
