// A view that has a way of its own with reads, over an executor that does all the rest.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>What is no read of one slot, and what is made from the view for another purpose, is the inner executor's.</summary>
/// <param name="router">The client's router.</param>
/// <param name="inner">The same view without that way.</param>
internal abstract class ReadView(Router router, RoutedExecutor inner) : IRedisView
{
    /// <summary>The client's router.</summary>
    protected Router Router => router;

    /// <summary>The same view without its way with reads.</summary>
    protected RoutedExecutor Inner => inner;

    /// <inheritdoc/>
    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(command.Info);
        if (router.IsDisposed) throw Router.Disposed(command.Info);

        // A read may block too (XREAD BLOCK), and would hold up all others on the connection that it shares with them.
        RefusedCommands.ThrowIfRefused(command);
        return !cancellationToken.IsCancellationRequested && command.Info.MayReadFromReplica
            ? ReadAsync(command, reply, cancellationToken)
            : inner.ExecuteAsync(command, reply, cancellationToken);
    }

    /// <inheritdoc/>
    public IRedisView WithTimeout(TimeSpan timeout) => Over((RoutedExecutor)inner.WithTimeout(timeout));

    /// <inheritdoc/>
    public IRedisView WithRetryPolicy(RetryPolicy retry) => Over((RoutedExecutor)inner.WithRetryPolicy(retry));

    /// <inheritdoc/>
    public IRedisView WithReadFrom(ReadFrom readFrom) => inner.WithReadFrom(readFrom);

    /// <inheritdoc/>
    public IRedisView OnNode(TopologyNode node) => inner.OnNode(node);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachMasterAsync<T>(Func<IRedisView, ValueTask<T>> ask) => inner.OnEachMasterAsync(ask);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<NodeResult<T>>> OnEachNodeAsync<T>(Func<IRedisView, ValueTask<T>> ask) => inner.OnEachNodeAsync(ask);

    /// <inheritdoc/>
    public RedisBatch CreateBatch() => inner.CreateBatch();

    /// <inheritdoc/>
    public virtual IRedisView WithBulkConnection() => inner.WithBulkConnection();

    /// <summary>Goes that way with a read that the shared connection may carry and that a replica may answer, or leaves it to the inner executor after all.</summary>
    protected abstract ValueTask<T> ReadAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken);

    /// <summary>The same way with reads over another executor; what it has learned goes with it.</summary>
    protected abstract IRedisView Over(RoutedExecutor executor);
}
