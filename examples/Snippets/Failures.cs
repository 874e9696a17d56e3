// README: what an error tells, deadlines, cancellation, retries.
using ClusterClient;

namespace Snippets;

internal static class Failures
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);

        try
        {
            await redis.StringIncrementAsync("orders");
        }
        catch (RedisException failure) when (failure.Outcome == Outcome.NotExecuted)
        {
            // It never ran and never will: safe to repeat.
        }
        catch (RedisException failure) when (failure.Outcome == Outcome.Unknown)
        {
            // It was handed to the network and no reply came: it may have run, or may still run later. Look before repeating.
        }

        IRedisView quick = redis.WithTimeout(TimeSpan.FromMilliseconds(200));      // one deadline: waits, redirects and retries together
        IRedisView stubborn = redis.WithRetryPolicy(RetryPolicy.Idempotent);       // reads are sent again by default; now SET and DEL too

        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await quick.StringSetAsync("k", "v");
        await stubborn.KeyDeleteAsync("k", cancellationToken: giveUp.Token);
    }
}
