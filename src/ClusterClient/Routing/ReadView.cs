// A view that has a way of its own with reads, over an executor that does all the rest.
using ClusterClient.Protocol;

namespace ClusterClient.Routing;

/// <summary>What is no read of one slot, and what is made from the view for another purpose, is the inner executor's.</summary>
/// <param name="inner">The same view without that way.</param>
internal abstract class ReadView(RoutedExecutor inner) : IRedisView
{
    /// <summary>The same view without its way with reads.</summary>
    protected RoutedExecutor Inner => inner;

    /// <inheritdoc/>
    public abstract ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default);

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

    /// <summary>The same way with reads over another executor; what it has learned goes with it.</summary>
    protected abstract IRedisView Over(RoutedExecutor executor);
}
