// README: all keys of a deployment, and a cursor that is kept.
using ClusterClient;

namespace Snippets;

internal static class AllKeys
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);
        string? saved = null;                                           // from an earlier run, of this process or another

        KeyScan scan = redis.ScanAsync("user:*", RedisType.String, count: 1000, cursor: ScanCursor.Parse(saved));
        await foreach (RedisKey key in scan)
        {
            if (Random.Shared.Next(10_000) == 0) saved = scan.Cursor.ToString();
            await redis.KeyExpireAsync(key, TimeSpan.FromDays(30));
        }
    }
}
