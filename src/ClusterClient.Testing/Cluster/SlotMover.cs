// The commands that move slots with their keys from one master to another.
using System.Globalization;
using ClusterClient.Testing.Admin;

namespace ClusterClient.Testing.Cluster;

/// <summary>One move's connections: to the source, to the target, and to the other masters, who are told at the end so that nobody waits for gossip.</summary>
internal sealed class SlotMover : IAsyncDisposable
{
    private const int KeysAtATime = 100;
    private const string MigrateTimeoutMilliseconds = "5000";

    // So many commands are written before their replies are read: few enough for the sockets' buffers on both ends.
    private const int PipelineLength = 250;

    private readonly LocalNode _from;
    private readonly LocalNode _to;
    private readonly string _fromId;
    private readonly string _toId;
    private readonly AdminConnection _source;
    private readonly AdminConnection _target;
    private readonly AdminConnection[] _others;

    private SlotMover(LocalNode from, LocalNode to, string fromId, string toId, AdminConnection source, AdminConnection target, AdminConnection[] others)
    {
        (_from, _to, _fromId, _toId, _source, _target, _others) = (from, to, fromId, toId, source, target, others);
    }

    public static async Task<SlotMover> OpenAsync(LocalNode from, LocalNode to, IEnumerable<LocalNode> otherMasters, CancellationToken cancellationToken)
    {
        var opened = new List<AdminConnection>();
        try
        {
            foreach (var node in new[] { from, to }.Concat(otherMasters))
                opened.Add(await AdminConnection.OpenAsync(node.Access, cancellationToken).ConfigureAwait(false));
            var fromId = (await opened[0].ExecuteAsync(["CLUSTER", "MYID"], cancellationToken).ConfigureAwait(false)).Text;
            var toId = (await opened[1].ExecuteAsync(["CLUSTER", "MYID"], cancellationToken).ConfigureAwait(false)).Text;
            return new SlotMover(from, to, fromId, toId, opened[0], opened[1], [.. opened.Skip(2)]);
        }
        catch
        {
            foreach (var connection in opened)
                await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the slots. The target first: once the source says ASK, the target must not send the client back.</summary>
    public async Task BeginAsync(IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        await SetSlotsAsync(_target, slots, ["IMPORTING", _fromId], cancellationToken).ConfigureAwait(false);
        await SetSlotsAsync(_source, slots, ["MIGRATING", _toId], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves up to <paramref name="limit"/> keys of a slot, <paramref name="batch"/> a command, and gives how many it moved.</summary>
    public async Task<int> MoveKeysAsync(int slot, int batch, int limit, CancellationToken cancellationToken)
    {
        var moved = 0;
        while (moved < limit)
        {
            var count = Math.Min(KeysAtATime, limit - moved);
            var keys = (await _source.ExecuteAsync(["CLUSTER", "GETKEYSINSLOT", Text(slot), Text(count)], cancellationToken).ConfigureAwait(false)).Items;
            if (keys.Count == 0)
                break;
            foreach (var chunk in keys.Chunk(batch))
                await MigrateAsync([.. chunk.Select(key => key.Bytes.ToArray())], cancellationToken).ConfigureAwait(false);
            moved += keys.Count;
        }
        return moved;
    }

    public Task MigrateAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        byte[][] authentication = _to.Access.Password is { } password ? AdminConnection.Encode("AUTH2", "default", password) : [];
        byte[][] command = [
            .. AdminConnection.Encode("MIGRATE", _to.Host, _to.Settings.PortText, "", "0", MigrateTimeoutMilliseconds),
            .. authentication, .. AdminConnection.Encode("KEYS"), .. keys];
        return _source.ExecuteAllAsync([command], cancellationToken);
    }

    /// <summary>Gives the slots to the target. The target first: between the two the source still says ASK, which the target answers.</summary>
    public async Task CompleteAsync(IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        foreach (var connection in new[] { _target, _source }.Concat(_others))
            await SetSlotsAsync(connection, slots, ["NODE", _toId], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the slots; the source keeps them. Keys that had moved are moved back first, else they would be lost to clients.</summary>
    public async Task CancelAsync(IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        await SetSlotsAsync(_target, slots, ["STABLE"], cancellationToken).ConfigureAwait(false);
        await SetSlotsAsync(_source, slots, ["STABLE"], cancellationToken).ConfigureAwait(false);
    }

    public override string ToString() => $"{_from} -> {_to}";

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in new[] { _source, _target }.Concat(_others))
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task SetSlotsAsync(AdminConnection connection, IReadOnlyList<int> slots, string[] state, CancellationToken cancellationToken)
    {
        foreach (var chunk in slots.Chunk(PipelineLength))
            await connection.ExecuteAllAsync(
                [.. chunk.Select(slot => AdminConnection.Encode(["CLUSTER", "SETSLOT", Text(slot), .. state]))], cancellationToken).ConfigureAwait(false);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
