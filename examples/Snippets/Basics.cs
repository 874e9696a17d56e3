// README: connecting, values, pooled bytes, several keys, any command.
using ClusterClient;

namespace Snippets;

internal static class Basics
{
    internal static async Task RunAsync(string connectionString)
    {
        await using var redis = await RedisClient.ConnectAsync(connectionString);   // any node of a cluster, or a single server

        await redis.StringSetAsync("user:1", "Ada", Expiry.In(TimeSpan.FromMinutes(5)));
        string? name = await redis.StringGetAsync("user:1");            // RedisValue converts
        long hits = await redis.StringIncrementAsync("hits");
        int? age = await redis.StringGetAsync<int>("age");              // parsed from the wire; a missing key is null
        using Lease blob = await redis.StringGetLeaseAsync("blob");     // pooled bytes: IsNull, Span, Memory, Length

        await redis.StringSetAsync("lock:report", Environment.MachineName, Expiry.In(TimeSpan.FromSeconds(30)), When.NotExists);
        RedisValue[] both = await redis.StringGetAsync(["{user:1}:cart", "{user:1}:seen"]);   // one {tag}, one slot

        RespValue encoding = await redis.ExecuteAsync("OBJECT", "ENCODING", "hits");   // any other command

        // Await each ValueTask once; AsTask() where several are awaited together.
        Task<RedisValue>[] reads = [.. Enumerable.Range(0, 100).Select(i => redis.StringGetAsync($"item:{i}").AsTask())];
        RedisValue[] items = await Task.WhenAll(reads);

        Console.WriteLine($"{name} {hits} {age} {blob.IsNull} {both.Length} {encoding} {items.Length}");
    }
}
