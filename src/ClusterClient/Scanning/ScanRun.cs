// The walk over all nodes: which node is next, what its walk has covered, when all is done.
using ClusterClient.Routing;

namespace ClusterClient.Scanning;

/// <summary>
/// Gives every key that exists from the scan's begin to its end at least once, and ends. One run is one enumeration; memory is one page and a few sets of slots.
/// </summary>
/// <remarks>
/// <para>
/// SCAN answers what lies on the node: it knows neither MOVED nor ASK, and shows keys of slots that are just coming, or were left behind. Its cursor holds for one
/// process. So nothing is concluded from a node having been walked, only from a slot having been covered: a slot is covered by a walk if one process owned it, whole, from
/// before the first step to after the last. Then each of its keys that existed all the time lay in that process' table all the time, and SCAN gives what lies in the table
/// all the time. A slot once covered stays covered, wherever it goes: its keys have been given. Of each page only the keys of slots that this walk may still cover are
/// given, so what is walked twice is seldom given twice.
/// </para>
/// <para>
/// How "all the time" is known, at each end and in between (<see cref="NodeClaim"/>): the process is the same (run_id); the node itself says that it owns the slot
/// and is neither sending nor receiving it; its config epoch is the same, so that no slot went away and came back in between; and, asked after the walk, the
/// topology, where the highest epoch wins, agrees: a master that was replaced and has not heard of it is not believed.
/// </para>
/// <para>
/// A slot that moves from A to B during the walk over A is not covered by it, whether the walk had met its keys or not; it is covered by a walk over B that begins when
/// B owns it. A slot in mid-move is covered by neither; the scan comes back to it. A failover is a new process: the slots start again on the heir. Nodes that
/// come or go change who owns slots, and nothing else. What cannot be seen is a move begun and taken back by hand, with keys carried there and back, between two looks at the node.
/// </para>
/// <para>
/// It ends: a walk over a quiet node covers all that was asked of it, so each quiet node is walked once more at most. While nothing is quiet it waits with back-off,
/// and when its <see cref="ScanPatience"/> is over says so (<see cref="ScanInterruptedException"/>), with the cursor to go on from.
/// </para>
/// </remarks>
internal sealed class ScanRun(Router router, RoutedExecutor view, ScanFilter filter, ScanState start, TimeSpan patience)
{
    private const int ConfirmEveryMilliseconds = 1000;

    private readonly ScanPatience _patience = new(patience);
    private readonly ScanProgress _progress = new(start, filter.Slots);

    /// <summary>Nodes that could not be walked since the last pause.</summary>
    private readonly HashSet<NodeEndpoint> _tried = [];

    private ScannedNode? _node;
    private ScanPage? _page;
    private long _confirmedAt = Environment.TickCount64;

    /// <summary>Where a new run would have to begin, as of the last page that was asked for.</summary>
    internal ScanState State => _progress.State;

    /// <summary>The next keys, none at the end. To ask for them says that those before have been taken.</summary>
    internal async ValueTask<IEnumerable<RedisKey>?> NextAsync(CancellationToken cancellationToken)
    {
        if (_page is { } taken) _progress.Advance(taken.Cursor);
        _page = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (_progress.IsFinished) return null;
                if (await StepAsync(cancellationToken).ConfigureAwait(false) is not { } page) continue;
                _page = page;
                return IsSharded ? page.Keys.Where(_progress.IsWanted) : page.Keys;
            }
            catch (RedisException failure) when (IsPassing(failure))
            {
                // The process may be there again in a moment: its walk is kept, and goes on if it still is the same.
                _patience.LastFailure = failure;
                bool wasAtNode = _node is not null;
                LeaveNode();
                if (wasAtNode) continue;

                // The topology itself could not be asked: nothing else would wait here, or ever give up.
                if (_patience.IsOver) throw ScanInterruptedException.Of(_progress.Open, router.Table.Snapshot, State, failure);
                await _patience.PauseAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private bool IsSharded => router.Table.Snapshot.Kind == TopologyKind.Cluster;

    /// <summary>What passes without anybody's help; a wrong password, a missing permission or a pattern the server refuses does not.</summary>
    private static bool IsPassing(RedisException failure) => (failure.IsTransient && failure is not ScanInterruptedException) || failure is RedisConnectionException { Failure: ConnectionFailure.Superseded };

    private async ValueTask<ScanPage?> StepAsync(CancellationToken cancellationToken)
    {
        if (_node is null) await ChooseAsync(cancellationToken).ConfigureAwait(false);
        else if (_progress.Pass!.IsThrough || _node.IsLookDue) await LookAsync(_node, cancellationToken).ConfigureAwait(false);
        else return await AskAsync(_node, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<ScanPage?> AskAsync(ScannedNode node, CancellationToken cancellationToken)
    {
        ScanPage page = await node.StepAsync(filter, _progress.Pass!.Cursor, cancellationToken).ConfigureAwait(false);
        _patience.Work();
        return page;
    }

    private async ValueTask LookAsync(ScannedNode node, CancellationToken cancellationToken)
    {
        if (!_progress.Continue(await node.ClaimAsync(cancellationToken).ConfigureAwait(false)))
        {
            _patience.End(forNothing: true);
            LeaveNode();
        }
        else if (_progress.Pass!.IsThrough)
        {
            _progress.EndPass(node.Node);
            _node = null;
        }
    }

    private void LeaveNode()
    {
        if (_node is { } left) _tried.Add(left.Node.Endpoint);
        _node = null;
        _progress.SetAside();
    }

    private async ValueTask ChooseAsync(CancellationToken cancellationToken)
    {
        // Many short walks are confirmed together; a long one by itself, so that a saved cursor has it.
        if (_progress.HasUnconfirmed && (_progress.IsAllWalked || Environment.TickCount64 - _confirmedAt > ConfirmEveryMilliseconds))
        {
            await ConfirmAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        TopologySnapshot snapshot = router.Table.Snapshot;
        if (_progress.Choose(snapshot, _tried) is not { } node)
        {
            await PauseAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        _node = new(router, view, node);
        if (!_progress.Begin(await _node.ClaimAsync(cancellationToken).ConfigureAwait(false))) LeaveNode();
    }

    private async ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        await router.RefreshAsync(cancellationToken).ConfigureAwait(false);
        _confirmedAt = Environment.TickCount64;
        _patience.End(forNothing: !_progress.Confirm(router.Table.Snapshot));
    }

    private async ValueTask PauseAsync(CancellationToken cancellationToken)
    {
        if (_patience.IsOver) throw ScanInterruptedException.Of(_progress.Open, router.Table.Snapshot, State, _patience.LastFailure);
        _tried.Clear();
        await _patience.PauseAsync(cancellationToken).ConfigureAwait(false);
        await router.RefreshAsync(cancellationToken).ConfigureAwait(false);
    }
}
