// The typed commands once more, over RESP2: maps come as flat arrays, nulls and numbers in other clothes.
namespace ClusterClient.IntegrationTests.Commands;

/// <summary>A client that speaks RESP2 although the server knows RESP3.</summary>
public sealed class Resp2CommandServer : CommandServer
{
    protected override string Query => "?protocol=resp2";
}

[CollectionDefinition(Name)]
public sealed class Resp2CommandServerCollection : ICollectionFixture<Resp2CommandServer>
{
    public const string Name = "commands on one server over RESP2";
}

[Collection(Resp2CommandServerCollection.Name)]
public sealed class StringCommandsOverResp2Tests(Resp2CommandServer server) : StringCommandsTests(server);

[Collection(Resp2CommandServerCollection.Name)]
public sealed class BitCommandsOverResp2Tests(Resp2CommandServer server) : BitCommandsTests(server);

[Collection(Resp2CommandServerCollection.Name)]
public sealed class KeyCommandsOverResp2Tests(Resp2CommandServer server) : KeyCommandsTests(server);

[Collection(Resp2CommandServerCollection.Name)]
public sealed class ServerCommandsOverResp2Tests(Resp2CommandServer server) : ServerCommandsTests(server)
{
    [Fact]
    public async Task SpeaksResp2()
    {
        RespValue pairs = await server.Redis.ExecuteAsync("CONFIG", "GET", "databases");
        Assert.Equal(ClusterClient.Protocol.RespType.Array, pairs.Type);
    }
}

[Collection(Resp2CommandServerCollection.Name)]
public sealed class ExecuteOverResp2Tests(Resp2CommandServer server) : ExecuteTests(server);
