// A real connection whose other end is a script: what it receives comes in exactly the pieces that a test says.
using ClusterClient.Connections;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

internal sealed class ScriptedConnection(Connection connection) : ICommandExecutor
{
    public static (ScriptedConnection Redis, ScriptedTransport Transport) Open()
    {
        ScriptedTransport transport = new();
        Connection connection = new(transport, new NodeEndpoint("scripted", 1), new ConnectionLimits(1000, 1 << 20), RespLimits.Default);
        connection.Start();
        return (new ScriptedConnection(connection), transport);
    }

    public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
        => connection.ExecuteAsync(command, reply, (int)Until.Limit.TotalMilliseconds, isAsking: false, cancellationToken);

    public async Task CloseAsync()
    {
        connection.Close(new RedisConnectionException("The test is over.", ConnectionFailure.Disposed, Outcome.NotExecuted));
        await Until.EndsAsync(connection.Ended);
    }
}
