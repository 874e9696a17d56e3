// One real server and a client of it, shared by the tests of the typed commands.
using ClusterClient.Testing;

namespace ClusterClient.IntegrationTests.Commands;

/// <summary>A standalone server of whatever kind the environment asks for, and a client.</summary>
public class CommandServer : IAsyncLifetime
{
    private LocalStandalone? _topology;
    private RedisClient? _redis;
    private Dictionary<string, RespValue>? _commands;

    public RedisClient Redis => _redis!;

    public string ConnectionString => _topology!.ConnectionString + Query;

    protected virtual string Query => "";

    public ServerKind Kind => _topology!.Server;

    public Version Version => _topology!.ServerVersion;

    /// <summary>What the server itself says of each of its commands (<c>COMMAND</c>), by name in capitals, subcommands as two words.</summary>
    public IReadOnlyDictionary<string, RespValue> Commands => _commands!;

    public async Task InitializeAsync()
    {
        _topology = await LocalTopology.StartStandaloneAsync();
        _redis = await RedisClient.ConnectAsync(ConnectionString);
        _commands = new Dictionary<string, RespValue>(StringComparer.OrdinalIgnoreCase);
        Collect(await _redis.ExecuteAsync("COMMAND"));
    }

    public async Task DisposeAsync()
    {
        if (_redis is not null) await _redis.DisposeAsync();
        if (_topology is not null) await _topology.DisposeAsync();
    }

    /// <summary>Runs the test if the server knows the command; else the server has to say that it does not.</summary>
    public async Task WhereKnownAsync<T>(string command, Func<ValueTask<T>> call, Action<T> test)
    {
        if (Commands.ContainsKey(command))
        {
            test(await call());
            return;
        }

        var refusal = await Assert.ThrowsAsync<RedisServerException>(async () => await call());
        Assert.Matches("(?i)unknown|invalid command", refusal.ServerMessage);
        Assert.Equal(Outcome.Rejected, refusal.Outcome);
    }

    /// <summary>Runs the test if the server is new enough for an option; else the server has to refuse the command.</summary>
    public static async Task WhereSupportedAsync<T>(bool supported, Func<ValueTask<T>> call, Action<T> test)
    {
        if (supported) test(await call());
        else Assert.Equal("ERR", (await Assert.ThrowsAsync<RedisServerException>(async () => await call())).Code);
    }

    /// <summary>Whether the server is Redis of this version or later, or Valkey of that one or later (null: never).</summary>
    public bool IsAtLeast(string redis, string? valkey = null) => Kind switch
    {
        ServerKind.Redis => Version >= Version.Parse(redis),
        ServerKind.Valkey => valkey is not null && Version >= Version.Parse(valkey),
        _ => false,
    };

    /// <summary>A key nobody else uses.</summary>
    public static RedisKey NewKey() => Guid.NewGuid().ToString("N");

    private void Collect(RespValue entries)
    {
        foreach (RespValue entry in entries.Items)
        {
            // Garnet lists a null for a command it knows the name of and nothing else.
            if (entry.IsNull) continue;
            _commands![entry[0].AsString()!.Replace('|', ' ')] = entry;
            if (entry.Count > 9) Collect(entry[9]);
        }
    }
}

[CollectionDefinition(Name)]
public sealed class CommandServerCollection : ICollectionFixture<CommandServer>
{
    public const string Name = "commands on one server";
}
