// Reads a subscription message by message, bounded in time.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.PubSub;

internal sealed class Stream(RedisSubscription subscription) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<RedisMessage> _messages = subscription.GetAsyncEnumerator();

    public Task<bool> MoveAsync() => _messages.MoveNextAsync().AsTask();

    public async Task<RedisMessage> NextAsync()
    {
        Assert.True(await Until.EndsAsync(MoveAsync()), "The stream has ended.");
        return _messages.Current;
    }

    public ValueTask DisposeAsync() => _messages.DisposeAsync();
}
