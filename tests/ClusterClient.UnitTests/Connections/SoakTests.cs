// Many callers, a server that misbehaves at random: every call ends, and each gets its own reply or none.
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class SoakTests
{
    private const int Callers = 64;
    private const int CallsPerCaller = 250;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_call_ends_and_nobody_gets_anothers_reply(int seed)
    {
        await using FakeServer server = new() { IsRecording = false };
        await using RedisClient redis = await TestClient.ConnectAsync(server, static o =>
        {
            o.MaxInFlightCommands = 48;
            o.MaxWaitingCommands = 40;
            o.ReconnectBackoffMin = o.ReconnectBackoffMax = TimeSpan.FromMilliseconds(1);
        });
        Misbehave(server, seed);
        Dictionary<string, int> endings = [];
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            Random random = new((seed * 1000) + caller);
            for (int i = 0; i < CallsPerCaller; i++)
            {
                string ending = await CallAsync(redis, random, $"{seed}/{caller}/{i}");
                lock (endings) endings[ending] = endings.GetValueOrDefault(ending) + 1;
            }
        }))).WaitAsync(4 * Until.Limit);

        Assert.Equal(Callers * CallsPerCaller, endings.Values.Sum());
        Assert.All(["reply", "error", "lost"], ending => Assert.True(endings.GetValueOrDefault(ending) > 0, string.Join(", ", endings)));
        server.ClearRules();
        server.On("SET", static command => FakeAnswer.Bulk(command.Words[1]));
        for (int i = 0; i < 100; i++)
        {
            // The last misbehaviour may still meet the first of these.
            if (await CallAsync(redis, new Random(0), $"after {i}") == "reply" && i > 50) break;
            Assert.True(i < 99, "It does not work any more.");
        }

        Assert.Empty(server.Violations);
    }

    private static void Misbehave(FakeServer server, int seed)
    {
        Random random = new(seed);
        server.On(command =>
        {
            if (!command.Is("ECHO") && !command.Is("SET")) return null;
            int dice;
            lock (random) dice = random.Next(1000);
            return dice switch
            {
                < 3 => FakeAnswer.Close,
                < 5 => FakeAnswer.Reset,
                < 7 => FakeAnswer.Bulk(command.Words[1]).Then(FakeAnswer.Close),
                < 8 => FakeAnswer.Raw("$999\r\ncut").Then(FakeAnswer.Close),
                < 9 => FakeAnswer.Raw("?garbage\r\n"),
                < 40 => FakeAnswer.Error($"ERR for {command[1]}"),
                < 60 => FakeAnswer.Bulk(command.Words[1]).ByteByByte(),
                < 80 => Late(command),
                < 90 => FakeAnswer.Raw(">1\r\n+push\r\n").Then(FakeAnswer.Bulk(command.Words[1])),
                _ => FakeAnswer.Bulk(command.Words[1]),
            };
        });

        static FakeAnswer Late(FakeCommand command)
        {
            Gate gate = new();
            _ = Task.Delay(2).ContinueWith(_ => gate.Open(), TaskScheduler.Default);
            return FakeAnswer.Bulk(command.Words[1]).After(gate);
        }
    }

    /// <summary>A text that nobody else sends, there and back, as a read or as a write; given up at random. Gives how it ended.</summary>
    private static async Task<string> CallAsync(RedisClient redis, Random random, string own)
    {
        using CancellationTokenSource source = new();
        ICommandExecutor view = random.Next(5) == 0 ? redis.WithTimeout(TimeSpan.FromMilliseconds(1 + random.Next(20))) : redis;
        ValueTask<RedisValue> call = random.Next(2) == 0 ? view.EchoAsync(own, source.Token) : view.StringSetAndGetAsync(own, own, cancellationToken: source.Token);
        if (random.Next(10) == 0) source.CancelAfter(TimeSpan.FromMilliseconds(random.Next(4)));
        if (random.Next(20) == 0) await source.CancelAsync();
        try
        {
            Assert.Equal(own, (string?)await call);
            return "reply";
        }
        catch (RedisServerException refusal)
        {
            Assert.Equal($"ERR for {own}", refusal.ServerMessage);
            return "error";
        }
        catch (RedisConnectionException lost)
        {
            Assert.Equal(Outcome.Unknown, lost.Outcome);
            return "lost";
        }
        catch (RedisTimeoutException)
        {
            return "late";
        }
        catch (RedisOverloadedException)
        {
            // As callers do who are told to slow down.
            await Task.Delay(1);
            return "overloaded";
        }
        catch (RedisCanceledException cancelled)
        {
            Assert.Equal(source.Token, cancelled.CancellationToken);
            return "cancelled";
        }
    }
}
