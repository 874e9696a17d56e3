// A migration of slots that a test holds half-way.
using System.Text;
using ClusterClient.Testing.Cluster;

namespace ClusterClient.Testing;

/// <summary>
/// Slots that are open between two masters (MIGRATING on one, IMPORTING on the other), so that keys which have moved answer ASK. It stays so until
/// <see cref="CompleteAsync"/> or <see cref="CancelAsync"/>.
/// </summary>
public sealed class HeldSlotMigration
{
    private readonly LocalCluster _cluster;

    internal HeldSlotMigration(LocalCluster cluster, IReadOnlyList<int> slots, LocalNode from, LocalNode to)
    {
        _cluster = cluster;
        Slots = slots;
        From = from;
        To = to;
    }

    /// <summary>The open slots.</summary>
    public IReadOnlyList<int> Slots { get; }

    /// <summary>The master that still owns them.</summary>
    public LocalNode From { get; }

    /// <summary>The master that is to own them.</summary>
    public LocalNode To { get; }

    /// <summary>Moves some or all of the keys that are still on the source.</summary>
    /// <param name="limit">How many at most; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many moved.</returns>
    public async Task<int> MoveKeysAsync(int? limit = null, CancellationToken cancellationToken = default)
    {
        var mover = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (mover.ConfigureAwait(false))
        {
            var moved = 0;
            foreach (var slot in Slots)
                moved += await mover.MoveKeysAsync(slot, SlotMoves.BulkSize, (limit ?? int.MaxValue) - moved, cancellationToken).ConfigureAwait(false);
            return moved;
        }
    }

    /// <summary>Moves one key.</summary>
    /// <param name="key">A key of one of the slots; taken as UTF-8.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task MoveKeyAsync(string key, CancellationToken cancellationToken = default)
    {
        var mover = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (mover.ConfigureAwait(false))
            await mover.MigrateAsync([Encoding.UTF8.GetBytes(key)], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves the keys that are left, gives the slots to <see cref="To"/> and waits until all running nodes know.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        await MoveKeysAsync(null, cancellationToken).ConfigureAwait(false);
        var mover = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (mover.ConfigureAwait(false))
            await mover.CompleteAsync(Slots, cancellationToken).ConfigureAwait(false);
        await _cluster.WaitForOwnerAsync(Slots, To, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the slots, which stay with <see cref="From"/>. Keys that have already moved are out of clients' reach then.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task CancelAsync(CancellationToken cancellationToken = default)
    {
        var mover = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (mover.ConfigureAwait(false))
            await mover.CancelAsync(Slots, cancellationToken).ConfigureAwait(false);
    }

    private Task<SlotMover> OpenAsync(CancellationToken cancellationToken) => _cluster.OpenMoverAsync(From, To, cancellationToken);
}
