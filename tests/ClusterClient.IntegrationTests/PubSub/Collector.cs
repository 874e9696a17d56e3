// Gathers what a subscription brings, for tests that look at all of it.
using System.Collections.Concurrent;

namespace ClusterClient.IntegrationTests.PubSub;

internal sealed class Collector
{
    private readonly ConcurrentQueue<RedisMessage> _messages = new();

    public Collector(RedisSubscription subscription)
    {
        Subscription = subscription;
        Reading = ReadAsync();
    }

    public RedisSubscription Subscription { get; }

    /// <summary>Ends with the subscription.</summary>
    public Task Reading { get; }

    public IReadOnlyList<RedisMessage> Messages => [.. _messages];

    public bool Has(string value) => _messages.Any(message => message.Value == value);

    /// <summary>Publishes until something arrives: after a loss nobody knows when the server hears again.</summary>
    public async Task HearsAsync(Func<string, ValueTask<long>> publish, string what)
    {
        int i = 0;
        await Testing.Eventually.TrueAsync(
            async () =>
            {
                string value = $"{what} {i++}";
                try
                {
                    await publish(value);
                }
                catch (RedisException)
                {
                    return false; // The master it went to is gone.
                }

                return _messages.Any(message => ((string?)message.Value)!.StartsWith(what, StringComparison.Ordinal));
            },
            $"{Subscription.Channel} hears {what}");
    }

    private async Task ReadAsync()
    {
        await foreach (RedisMessage message in Subscription) _messages.Enqueue(message);
    }
}
