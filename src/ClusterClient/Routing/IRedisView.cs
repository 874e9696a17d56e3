// What can be asked of a client or a view of it: the same, with another setting.
namespace ClusterClient;

/// <summary>
/// A client, or a view of one: the same connections and topology with other settings for its calls. Views are immutable, cost nothing to keep,
/// can be made from each other, and end with their client.
/// </summary>
public interface IRedisView : ICommandExecutor
{
    /// <summary>A view whose calls have another deadline.</summary>
    /// <param name="timeout">The one deadline of a call, its waits, redirects and retries together; 1 ms to 24 h.</param>
    IRedisView WithTimeout(TimeSpan timeout);

    /// <summary>A view with another rule for commands whose connection is lost after they were sent.</summary>
    /// <param name="retry">What may be sent again although it may have run.</param>
    IRedisView WithRetryPolicy(RetryPolicy retry);

    /// <summary>A view whose reads may be answered by other nodes than the master.</summary>
    /// <param name="readFrom">Which nodes answer commands that change no data and name a key; all others go to the master as ever. The client's maxStaleness holds for it, unless it has a bound on age or lag of its own.</param>
    /// <exception cref="ArgumentException">The policy needs an option of the client that is not set, or is hedged where the client has maxStaleness; names the option.</exception>
    IRedisView WithReadFrom(ReadFrom readFrom);

    /// <summary>
    /// A view that sends every command to one node, whatever its keys: for commands about a node itself (INFO, CONFIG, CLIENT, SCAN).
    /// It follows no redirects: what the node answers is what the caller sees.
    /// </summary>
    /// <param name="node">A node of <see cref="RedisClient.Topology"/>.</param>
    IRedisView OnNode(TopologyNode node);

    /// <summary>
    /// Runs a call on each master at the same time, as <see cref="OnNode"/> does on one: <c>redis.OnEachMasterAsync(static master =&gt; master.InfoAsync())</c>.
    /// A master that failed and whose slots others serve now is left out.
    /// </summary>
    /// <param name="ask">Makes the call, on a view of one node.</param>
    /// <returns>What each node answered, or how it failed: a node's failure is not thrown. In the order of <see cref="TopologySnapshot.Nodes"/>.</returns>
    /// <exception cref="RedisTimeoutException">No node had told what the deployment is when the deadline passed.</exception>
    ValueTask<IReadOnlyList<NodeResult<T>>> OnEachMasterAsync<T>(Func<IRedisView, ValueTask<T>> ask);

    /// <summary>As <see cref="OnEachMasterAsync"/>, on the replicas too. Those that the deployment holds for failed are left out.</summary>
    /// <inheritdoc cref="OnEachMasterAsync"/>
    ValueTask<IReadOnlyList<NodeResult<T>>> OnEachNodeAsync<T>(Func<IRedisView, ValueTask<T>> ask);

    /// <summary>
    /// An empty batch: commands that are called on it are collected, and sent all in one go by <see cref="RedisBatch.SendAsync"/>. They run with this
    /// view's settings.
    /// </summary>
    RedisBatch CreateBatch();

    /// <summary>
    /// A view whose commands travel over a second connection to each node, made when it is first used: for values of many megabytes, which on
    /// the shared connection hold up all that stand behind them. There is no order between its commands and those of other views.
    /// Reads are answered as without it, over those connections, hedged ones too; but where a policy bounds age or lag the masters answer, since how fresh a replica is has to be
    /// proved on the connection that carries the read.
    /// </summary>
    IRedisView WithBulkConnection();
}
