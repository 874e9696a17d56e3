// A command and a second one that only means something on the same connection: a write and its WAIT.
using System.Text;
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.Topology;

namespace ClusterClient.Routing;

/// <summary>
/// Runs two commands one after the other on a connection that nobody else uses. The first is routed, redirected and tried again as long as it certainly did
/// not run; the second stays where the first ran, for on another connection it would speak of nothing (WAIT: of a connection without writes).
/// </summary>
/// <param name="router">The client's router.</param>
/// <param name="timeoutMilliseconds">For the first command, its waits, redirects and retries.</param>
/// <param name="nextTimeoutMilliseconds">For the second, from the reply to the first.</param>
internal sealed class LeasedCall(Router router, int timeoutMilliseconds, int nextTimeoutMilliseconds)
{
    private static readonly TimeSpan _minPause = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan _maxPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs both.</summary>
    /// <returns>Both replies, and who gave them.</returns>
    /// <exception cref="RedisException">One of them failed. When it was the second, the first has run: its reply came.</exception>
    internal async ValueTask<(T First, TNext Next, string Node)> ExecuteAsync<T, TNext>(
        Command first, ReplyParser<T> firstReply, Command next, ReplyParser<TNext> nextReply, CancellationToken cancellationToken = default)
    {
        CallDeadline deadline = new(timeoutMilliseconds, router.Settings.FailoverTimeoutMilliseconds);
        int slot = await FindSlotAsync(first, cancellationToken).ConfigureAwait(false);
        Hop hop = default;
        RedisException? last = null;
        int redirects = 0;
        for (int attempt = 1; ; attempt++)
        {
            if (router.IsDisposed) throw Router.Disposed(first.Info);
            if (deadline.HasPassed) throw TooLate(first.Info, deadline, last);
            long waitsSince = Environment.TickCount64;
            bool awaitsMaster = true;
            long version = router.Table.Snapshot.Version;
            NodeConnection? node = hop.Target ?? MasterOf(slot);
            if (node is { IsSuspect: false })
            {
                LeasedConnections leases = node.Leases;
                Connection? lease = null;
                try
                {
                    (lease, bool hasWaited) = await TakeAsync(node, hop, slot, first.Info, deadline, cancellationToken).ConfigureAwait(false);
                    if (!IsToBeAsked(node, hop, slot, hasWaited))
                    {
                        // The next time it is here, without a wait.
                        if (hasWaited) redirects = 0;
                        hop = default;
                        continue;
                    }

                    T reply = await lease.ExecuteAsync(first, firstReply, deadline.Left, hop.IsAsking, cancellationToken).ConfigureAwait(false);
                    return (reply, await FollowAsync(lease, first.Info, next, nextReply, cancellationToken).ConfigureAwait(false), lease.Node);
                }
                catch (RedisServerException refused) when (lease is not null && !refused.IsOfNamedNode
                    && Rejection.Read(Encoding.UTF8.GetBytes(refused.ServerMessage), first.Info, slot) is { Kind: not (RejectionKind.Final or RejectionKind.TransactionDiscarded or RejectionKind.Unblocked) } rejection)
                {
                    last = refused;
                    redirects = Redirects.IsOne(rejection) ? redirects + 1 : 0;
                    if (redirects > router.Settings.MaxRedirects) throw Disagreed(first.Info, refused, slot);
                    Verdict verdict = Redirects.Judge(router, lease, first.Info, rejection, refused.ServerMessage, redirects, Outcome.NotExecuted);
                    (waitsSince, awaitsMaster) = (Environment.TickCount64, verdict.AwaitsMaster);
                    if (verdict.IsToItself && redirects > 1) leases.Renew();
                    hop = HopTo(verdict, slot);
                    if (verdict.Target is not null) continue;
                }
                catch (RedisConnectionException lost) when (lost is { Outcome: Outcome.NotExecuted, IsTransient: true } or { Outcome: Outcome.NotExecuted, Failure: ConnectionFailure.Disposed })
                {
                    if (router.IsDisposed) throw Router.Disposed(first.Info);
                    last = lost;
                    redirects = 0;
                    bool hasLeft = hop.Target is null && MasterOf(slot) is { } heir && !ReferenceEquals(heir, node);
                    hop = default;
                    if (hasLeft) continue;
                    router.Refresher.RequestRefresh(TopologyChangeReason.ConnectionLost, node.Endpoint, $"{node.Name} gave no connection: {lost.Failure}");
                }
                finally
                {
                    if (lease is not null) leases.Return(lease);
                }
            }
            else
            {
                hop = default;
                router.Refresher.RequestRefresh(TopologyChangeReason.UncoveredSlot, node?.Endpoint, $"slot {slot} has no owner that answers");
            }

            await PauseAsync(version, attempt, deadline, cancellationToken).ConfigureAwait(false);
            hop = default;
            if (awaitsMaster) deadline.StoodStill(waitsSince);
        }
    }

    /// <summary>The slot of the first command; negative where keys have none.</summary>
    private async ValueTask<int> FindSlotAsync(Command first, CancellationToken cancellationToken)
    {
        if (!router.Table.IsKnown) await router.KnownAsync(first.Info.Name, timeoutMilliseconds, cancellationToken).ConfigureAwait(false);
        if (!router.Table.NeedsSlots) return CommandSlot.None;
        int slot = CommandSlot.Of(first);
        if (slot >= 0 || !router.Table.IsSharded) return slot;
        throw new NotSupportedException($"{first.Info.Name} was not sent: {(slot == CommandSlot.Unknown ? "only the server knows its keys" : "it names no key")}, and in a cluster what is to be confirmed must belong to one master.");
    }

    /// <summary>Who may be written to; null while nobody is known to be, or a master is in doubt. A call without a slot belongs to the only master there is.</summary>
    private NodeConnection? MasterOf(int slot) => slot >= 0 ? router.Table.OwnerOf(slot) : router.Table.OnlyMaster;

    /// <summary>
    /// Whether a node is still to be asked once the connection to it is there. Dialling takes a while: a master that was demoted meanwhile, or is held, may still accept writes, and
    /// lose them. And what a redirect says is true for a moment: a slot that has moved on and back since would be written by ASKING where it is being imported anew.
    /// </summary>
    private bool IsToBeAsked(NodeConnection node, Hop hop, int slot, bool hasWaited)
        => hop.Target is null ? ReferenceEquals(MasterOf(slot), node) : !hasWaited && !router.Refresher.IsSuperseded(node.Endpoint);

    /// <summary>Where a verdict leads; the topology decides where it has learned the same from it, for a failover in the next moment can correct that.</summary>
    private Hop HopTo(Verdict verdict, int slot)
    {
        if (verdict.Target is not { } target) return default;
        NodeConnection node = router.Nodes.GetOrAdd(target);
        if (!verdict.IsAsking && ReferenceEquals(node, MasterOf(slot))) return default;

        // One that is no member is left when it cannot be reached for long (Router.LeaveIfStray), which shows on its own connection alone.
        if (router.Table.Snapshot.NodeAt(target) is null) node.Start();
        return new(node, verdict.IsAsking);
    }

    /// <summary>A connection of its own, and whether the call had to wait for it.</summary>
    private async ValueTask<(Connection Lease, bool HasWaited)> TakeAsync(NodeConnection node, Hop hop, int slot, CommandInfo command, CallDeadline deadline, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(deadline.Left);
        bool isInLine = true;
        try
        {
            ValueTask place = node.Leases.EnterAsync(command.Name, () => hop.Target is not null || !ReferenceEquals(MasterOf(slot), node), limit.Token);
            bool hasWaited = !place.IsCompleted;

            // A topology that came just before it stood in line has not seen it there.
            if (hasWaited) node.Leases.Reroute();
            await place.ConfigureAwait(false);
            isInLine = false;
            ValueTask<Connection> connection = node.Leases.OpenAsync(limit.Token);
            hasWaited |= !connection.IsCompleted;
            return (await connection.ConfigureAwait(false), hasWaited);
        }
        catch (Exception failure) when (limit.IsCancellationRequested && failure is OperationCanceledException or RedisException)
        {
            // However the attempt ended, a handshake cut short among them: of this command nothing was sent.
            if (cancellationToken.IsCancellationRequested) throw Router.NotBegun(command.Name, cancellationToken);
            string obstacle = isInLine ? $"all {router.Settings.MaxLeasedConnections} that may be (maxLeasedConnections) were taken by calls before it" : "the node did not answer while it was made";
            throw new RedisTimeoutException(
                $"{command.Name} reached its deadline after {deadline.Elapsed} ms while waiting for a connection of its own to {node.Name}: {obstacle}. {OperationErrors.Explain(Outcome.NotExecuted)}",
                isInLine ? CommandStage.WaitingForCapacity : CommandStage.WaitingForConnection, Outcome.NotExecuted, failure as RedisException)
            { CommandName = command.Name, Node = node.Name };
        }
    }

    /// <summary>The second command. Whatever becomes of it, the first has run, and that its reply is lost with the error must be said.</summary>
    private async ValueTask<TNext> FollowAsync<TNext>(Connection lease, CommandInfo first, Command next, ReplyParser<TNext> nextReply, CancellationToken cancellationToken)
    {
        try
        {
            return await lease.ExecuteAsync(next, nextReply, nextTimeoutMilliseconds, isAsking: false, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisCanceledException cancelled)
        {
            throw new RedisCanceledException($"{first.Name} ran on {lease.Node}, and the wait behind it was cancelled by its caller. Whether what was written is kept is not known.", Outcome.Unknown, cancelled.CancellationToken);
        }
        catch (RedisException failure)
        {
            throw new RedisException(
                $"{first.Name} ran on {lease.Node}, and {next.Info.Name} behind it failed: {failure.Message} Whether what was written is kept is not known.", Outcome.Unknown, failure)
            { Node = lease.Node, CommandName = next.Info.Name };
        }
    }

    /// <summary>Waits for another topology, or a little.</summary>
    private async ValueTask PauseAsync(long version, int attempt, CallDeadline deadline, CancellationToken cancellationToken)
    {
        TimeSpan pause = Backoff.Next(attempt, _minPause, _maxPause);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(Math.Clamp(pause.TotalMilliseconds, 1, deadline.Left)));
        try
        {
            router.Adopt(await router.Refresher.WaitForChangeAsync(version, limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The pause is over.
        }
        catch (RedisConnectionException) when (router.IsDisposed)
        {
            // The loop says so in the client's words.
        }
        catch (OperationCanceledException)
        {
            throw new RedisCanceledException($"The call was cancelled by its caller. {OperationErrors.Explain(Outcome.NotExecuted)}", Outcome.NotExecuted, cancellationToken);
        }
    }

    private RedisServerException Disagreed(CommandInfo command, RedisServerException last, int slot)
        => new(last.ServerMessage, $"{command.Name} on {last.Node}; {Redirects.TooMany(router, slot)}", Outcome.NotExecuted) { CommandName = command.Name, Node = last.Node };

    private static RedisTimeoutException TooLate(CommandInfo command, CallDeadline deadline, RedisException? last)
        => new($"{command.Name} reached its deadline after {deadline.Elapsed} ms while waiting for a connection of its own to a node that serves it.{(last is null ? string.Empty : $" Last failure: {last.Message}")} {OperationErrors.Explain(Outcome.NotExecuted)}",
            CommandStage.WaitingForConnection, Outcome.NotExecuted, last)
        { CommandName = command.Name, Node = last?.Node };

    /// <param name="Target">Where to go next; null lets the topology decide.</param>
    /// <param name="IsAsking">Whether ASKING must precede.</param>
    private readonly record struct Hop(NodeConnection? Target, bool IsAsking);
}
