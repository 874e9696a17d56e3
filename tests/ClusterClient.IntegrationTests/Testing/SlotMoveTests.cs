// Slots move with their keys while a client reads and writes them.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Testing;

public sealed class TwoMasters : IAsyncLifetime
{
    public LocalCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await LocalTopology.StartClusterAsync(2, 0);

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}

public class SlotMoveTests(TwoMasters fixture) : IClassFixture<TwoMasters>
{
    private readonly LocalCluster _cluster = fixture.Cluster;

    [Theory]
    [InlineData(SlotMoveMode.KeyByKey)]
    [InlineData(SlotMoveMode.Bulk)]
    [InlineData(SlotMoveMode.Atomic)]
    public async Task Slots_move_with_all_their_keys(SlotMoveMode mode)
    {
        var tag = "{" + mode + "}";
        var slot = await _cluster.GetSlotOfAsync(tag);
        var from = await _cluster.GetSlotOwnerAsync(slot);
        var to = _cluster.Nodes.First(node => node != from);
        for (var i = 0; i < 150; i++)
            await from.ExecuteAsync("SET", $"{tag}{i}", $"value {i}");
        // Some neighbours as well, which hold no key.
        var slots = (await _cluster.GetSlotsAsync(from)).Where(other => Math.Abs(other - slot) < 20).ToArray();

        if (mode == SlotMoveMode.Atomic && !_cluster.Capabilities.HasFlag(ServerCapabilities.AtomicSlotMigration))
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => _cluster.MoveSlotsAsync(slots, from, to, mode));
            return;
        }
        await _cluster.MoveSlotsAsync(slots, from, to, mode);

        Assert.Same(to, await _cluster.GetSlotOwnerAsync(slot));
        Assert.Equal(150, (await to.ExecuteAsync("CLUSTER", "COUNTKEYSINSLOT", $"{slot}")).Number);
        for (var i = 0; i < 150; i += 10)
            Assert.Equal($"value {i}", (await to.ExecuteAsync("GET", $"{tag}{i}")).Text);
        var moved = await Assert.ThrowsAsync<ServerReplyException>(() => from.ExecuteAsync("GET", $"{tag}1"));
        Assert.Equal($"MOVED {slot} {to}", moved.Error);

        await _cluster.MoveSlotsAsync(slots, to, from, SlotMoveMode.Bulk);
        Assert.Same(from, await _cluster.GetSlotOwnerAsync(slot));
        Assert.Equal("value 149", (await from.ExecuteAsync("GET", $"{tag}149")).Text);
        await _cluster.WaitUntilStableAsync();
    }

    [Fact]
    public async Task Slots_that_move_to_and_fro_at_once_end_with_one_owner_everywhere()
    {
        // Redis 7 lets a late word about a slot's last owner win it back after such moves, unless each move ends only when that word is out.
        var from = await _cluster.GetSlotOwnerAsync(0);
        var to = _cluster.Nodes.First(node => node != from);
        for (var i = 0; i < (_cluster.Server == ServerKind.Garnet ? 1 : 8); i++)
        {
            int[] slots = [.. Enumerable.Range(i * 30, 30)];
            await _cluster.MoveSlotsAsync(slots, from, to, SlotMoveMode.KeyByKey);
            await _cluster.MoveSlotsAsync(slots, to, from, SlotMoveMode.Bulk);
            await _cluster.WaitUntilStableAsync();
            Assert.All(await Task.WhenAll(slots.Select(slot => _cluster.GetSlotOwnerAsync(slot))), owner => Assert.Same(from, owner));
        }
    }

    [Fact]
    public async Task A_migration_held_half_way_answers_ASK_for_what_has_moved()
    {
        var slot = await _cluster.GetSlotOfAsync("{held}");
        var from = await _cluster.GetSlotOwnerAsync(slot);
        var to = _cluster.Nodes.First(node => node != from);
        for (var i = 0; i < 5; i++)
            await from.ExecuteAsync("SET", $"{{held}}{i}", $"{i}");

        var migration = await _cluster.BeginSlotMoveAsync([slot], from, to);
        await migration.MoveKeyAsync("{held}3");
        Assert.Equal($"ASK {slot} {to}", (await Assert.ThrowsAsync<ServerReplyException>(() => from.ExecuteAsync("GET", "{held}3"))).Error);
        Assert.Equal("2", (await from.ExecuteAsync("GET", "{held}2")).Text);
        Assert.StartsWith("MOVED", (await Assert.ThrowsAsync<ServerReplyException>(() => to.ExecuteAsync("GET", "{held}3"))).Error, StringComparison.Ordinal);

        Assert.Equal(2, await migration.MoveKeysAsync(limit: 2));
        Assert.Equal(2, (await from.ExecuteAsync("CLUSTER", "COUNTKEYSINSLOT", $"{slot}")).Number);

        await migration.CompleteAsync();
        Assert.Same(to, await _cluster.GetSlotOwnerAsync(slot));
        for (var i = 0; i < 5; i++)
            Assert.Equal($"{i}", (await to.ExecuteAsync("GET", $"{{held}}{i}")).Text);
    }

    [Fact]
    public async Task A_cancelled_migration_leaves_the_slot_where_it_was()
    {
        var slot = await _cluster.GetSlotOfAsync("{cancelled}");
        var from = await _cluster.GetSlotOwnerAsync(slot);
        var to = _cluster.Nodes.First(node => node != from);

        var migration = await _cluster.BeginSlotMoveAsync([slot], from, to);
        Assert.StartsWith("ASK", (await Assert.ThrowsAsync<ServerReplyException>(() => from.ExecuteAsync("GET", "{cancelled}"))).Error, StringComparison.Ordinal);
        await migration.CancelAsync();

        Assert.True((await from.ExecuteAsync("GET", "{cancelled}")).IsNull);
        Assert.Same(from, await _cluster.GetSlotOwnerAsync(slot));
    }

    [Fact]
    public async Task A_slot_that_is_none_and_a_node_of_another_cluster_are_refused()
    {
        var (from, to) = (_cluster.Nodes[0], _cluster.Nodes[1]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _cluster.MoveSlotsAsync([16_384], from, to));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _cluster.GetSlotOwnerAsync(-1));
        await using var stranger = await LocalTopology.StartStandaloneAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => _cluster.MoveSlotsAsync([1], from, stranger.Node));
    }
}
