// The ways in which whole sets of slots move.
using System.Globalization;

namespace ClusterClient.Testing.Cluster;

internal static class SlotMoves
{
    public const int BulkSize = 100;

    public static async Task KeyByKeyAsync(SlotMover mover, IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        foreach (var slot in slots)
        {
            await mover.BeginAsync([slot], cancellationToken).ConfigureAwait(false);
            await mover.MoveKeysAsync(slot, 1, int.MaxValue, cancellationToken).ConfigureAwait(false);
            await mover.CompleteAsync([slot], cancellationToken).ConfigureAwait(false);
        }
    }

    public static async Task BulkAsync(SlotMover mover, IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        await mover.BeginAsync(slots, cancellationToken).ConfigureAwait(false);
        foreach (var slot in slots)
            await mover.MoveKeysAsync(slot, BulkSize, int.MaxValue, cancellationToken).ConfigureAwait(false);
        await mover.CompleteAsync(slots, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Valkey 9's CLUSTER MIGRATESLOTS: the source works on it alone; its log of migrations tells how it went.</summary>
    public static async Task AtomicAsync(LocalNode from, LocalNode to, IReadOnlyList<int> slots, CancellationToken cancellationToken)
    {
        var target = (await to.ExecuteAsync(["CLUSTER", "MYID"], cancellationToken).ConfigureAwait(false)).Text;
        string[] ranges = [.. Ranges(slots).SelectMany(range => new[] { Text(range.First), Text(range.Last) })];
        await from.ExecuteAsync(["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", .. ranges, "NODE", target], cancellationToken).ConfigureAwait(false);
        await Condition.WaitAsync($"the atomic migration {from} -> {to}", from.Patience, async token =>
        {
            var newest = (await from.ExecuteAsync(["CLUSTER", "GETSLOTMIGRATIONS"], token).ConfigureAwait(false)).Items[0].Items;
            var fields = newest.Chunk(2).ToDictionary(pair => pair[0].Text, pair => pair[1].Text, StringComparer.Ordinal);
            return fields["state"] switch
            {
                "success" => null,
                "failed" or "cancelled" => throw new LocalTopologyException($"the atomic migration {from} -> {to} {fields["state"]}: {fields.GetValueOrDefault("message")}"),
                var state => $"its state is {state}",
            };
        }, cancellationToken).ConfigureAwait(false);
    }

    public static IEnumerable<(int First, int Last)> Ranges(IEnumerable<int> slots)
    {
        (int First, int Last)? open = null;
        foreach (var slot in slots.Order())
        {
            if (open is { } range && slot == range.Last + 1)
                open = (range.First, slot);
            else
            {
                if (open is { } done)
                    yield return done;
                open = (slot, slot);
            }
        }
        if (open is { } last)
            yield return last;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
