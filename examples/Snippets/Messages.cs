// README: subscribe, publish, gaps, a bounded buffer.
using ClusterClient;

namespace Snippets;

internal static class Messages
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);

        await using RedisSubscription news = await redis.SubscribeAsync("news");    // the server has confirmed it
        news.Gap += (_, gap) => Console.WriteLine($"messages may be lost: {gap.Reason}");   // read again what they are about

        await redis.PublishAsync("news", "hello");
        await foreach (RedisMessage message in news)
        {
            Console.WriteLine($"{message.Channel}: {message.Value}");
            break;
        }

        // Handlers run one message at a time; patterns and shard channels (SSUBSCRIBE) alike. Bounds are yours to set.
        await using var orders = await redis.SubscribePatternAsync("orders:*", static async message => await Console.Out.WriteLineAsync((string?)message.Value));
        await using var every = await redis.SubscribeAsync("audit", new SubscriptionOptions { Capacity = 1000, Overflow = SubscriptionOverflow.Close });
    }
}
