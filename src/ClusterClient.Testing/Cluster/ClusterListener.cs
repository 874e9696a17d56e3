// One subscriber on one node, which waits for a message on one channel.
using ClusterClient.Testing.Admin;

namespace ClusterClient.Testing.Cluster;

internal sealed class ClusterListener : IAsyncDisposable
{
    private readonly AdminConnection _connection;

    private ClusterListener(AdminConnection connection) => _connection = connection;

    public static async Task<ClusterListener> OpenAsync(LocalNode node, string channel, CancellationToken cancellationToken)
    {
        var connection = await AdminConnection.OpenAsync(node.Access, cancellationToken).ConfigureAwait(false);
        try
        {
            await connection.ExecuteAsync(["SUBSCRIBE", channel], cancellationToken).ConfigureAwait(false);
            return new ClusterListener(connection);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether a message comes within the time.</summary>
    public async Task<bool> HearsAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await _connection.ReceiveAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
