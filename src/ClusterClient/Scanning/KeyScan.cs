// All keys of a deployment, one after the other.
using System.Diagnostics.CodeAnalysis;
using ClusterClient.Routing;
using ClusterClient.Scanning;

namespace ClusterClient;

/// <summary>
/// All keys of a deployment, in no order: enumerate it with <c>await foreach</c>. Every key that exists from the begin to the end is given at least once, whatever fails
/// over or is resharded meanwhile; a key may be given several times; one that is made or deleted meanwhile may be given or not. Nothing is fetched ahead: the servers
/// work only while you ask, and memory is one page.
/// </summary>
/// <remarks>
/// Keys with a literal hash tag in the pattern (<c>{cart:7}*</c>) are looked for on the one node that serves it. Needs permission for SCAN, INFO and, in a cluster, CLUSTER NODES.
/// </remarks>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "It is a scan, which happens to be enumerable.")]
public sealed class KeyScan : IAsyncEnumerable<RedisKey>
{
    private readonly Router _router;
    private readonly RoutedExecutor _view;
    private readonly ScanFilter _filter;
    private readonly ScanState _start;
    private ScanRun? _run;

    internal KeyScan(Router router, RoutedExecutor view, ScanFilter filter, ScanCursor cursor)
    {
        if (cursor.State is { } state && state.Mark != filter.Mark)
            throw new ArgumentException("The cursor is of a scan with another pattern, type or database. A scan goes on with the ones it was begun with.", nameof(cursor));
        _router = router;
        _view = view;
        _filter = filter;
        _start = cursor.State ?? new(filter.Mark, SlotSet.Empty, null);
    }

    /// <summary>
    /// Where a later scan would go on, in this process or another. It lies before the page that is being enumerated, so that going on misses no key; it repeats that page, and
    /// nodes that were finished within the last second. After the last key it <see cref="ScanCursor.IsFinished"/>. It is of the enumeration that was begun last.
    /// </summary>
    public ScanCursor Cursor => new(Volatile.Read(ref _run)?.State ?? _start);

    /// <summary>How long it waits for slots that nobody serves, or that are on the move all the time. Not a limit of the scan as a whole.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Begins to enumerate, at the cursor this was made with.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="ScanInterruptedException">Slots could not be read for a minute; its cursor goes on later.</exception>
    /// <exception cref="RedisException">A server refused: a missing permission, a type it does not know.</exception>
    public async IAsyncEnumerator<RedisKey> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        ScanRun run = new(_router, _view, _filter, _start, Patience);
        Volatile.Write(ref _run, run);
        while (await run.NextAsync(cancellationToken).ConfigureAwait(false) is { } keys)
        {
            foreach (RedisKey key in keys) yield return key;
        }
    }
}
