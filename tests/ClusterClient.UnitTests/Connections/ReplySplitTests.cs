// A reply cut anywhere is the same reply, and the one behind it still belongs to the next command.
using ClusterClient.Connections;
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Fakes;

namespace ClusterClient.UnitTests.Connections;

public class ReplySplitTests
{
    public static TheoryData<string> Names => [.. ReplyShape.All.Select(static shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Cut_in_two_at_every_byte(string name)
    {
        ReplyShape shape = Find(name);
        byte[] bytes = [.. shape.Bytes, .. "+after\r\n"u8];
        for (int cut = 1; cut < bytes.Length; cut++) await CheckAsync(shape, bytes.AsMemory(0, cut), bytes.AsMemory(cut));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_byte_by_itself(string name)
    {
        ReplyShape shape = Find(name);
        byte[] bytes = [.. shape.Bytes, .. "+after\r\n"u8];
        await CheckAsync(shape, [.. Enumerable.Range(0, bytes.Length).Select(i => (ReadOnlyMemory<byte>)bytes.AsMemory(i, 1))]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Many_at_once_cut_at_every_byte(string name)
    {
        // A whole reply and the start of the next in one receive: the buffer's front moves.
        ReplyShape shape = Find(name);
        byte[] bytes = [.. shape.Bytes, .. shape.Bytes, .. shape.Bytes];
        for (int cut = 1; cut < bytes.Length; cut++)
        {
            (Executor redis, ScriptedTransport transport) = Open();
            Task[] checks = [shape.Check(redis), shape.Check(redis), shape.Check(redis)];
            transport.Deliver(bytes.AsMemory(0, cut));
            transport.Deliver(bytes.AsMemory(cut));
            await Until.EndsAsync(Task.WhenAll(checks));
            await redis.CloseAsync();
        }
    }

    [Fact]
    public async Task A_large_reply_in_pieces_of_every_size()
    {
        byte[] payload = new byte[300_000];
        new Random(7).NextBytes(payload);
        byte[] bytes = [.. System.Text.Encoding.ASCII.GetBytes($"${payload.Length}\r\n"), .. payload, .. "\r\n+after\r\n"u8];
        foreach (int piece in new[] { 100, 1_000, 16 * 1024, 16 * 1024 + 1, 65_536, 299_999, bytes.Length })
        {
            (Executor redis, ScriptedTransport transport) = Open();
            ValueTask<Lease> reading = redis.StringGetLeaseAsync("k");
            ValueTask<RespValue> after = redis.ExecuteAsync("PING");
            for (int i = 0; i < bytes.Length; i += piece) transport.Deliver(bytes.AsMemory(i, Math.Min(piece, bytes.Length - i)));
            using Lease lease = await Until.EndsAsync(reading);
            Assert.True(lease.Span.SequenceEqual(payload));
            Assert.Equal("after", (await Until.EndsAsync(after)).AsString());
            await redis.CloseAsync();
        }
    }

    [Fact]
    public async Task Every_shape_byte_by_byte_through_a_socket_and_the_whole_client()
    {
        await using FakeServer server = new();
        await using RedisClient redis = await TestClient.ConnectAsync(server);
        foreach (ReplyShape shape in ReplyShape.All)
        {
            server.On(command => FakeHandshake.IsPartOf(command) ? null : FakeAnswer.Raw(shape.Bytes).ByteByByte());
            await Until.EndsAsync(Task.WhenAll(shape.Check(redis), shape.Check(redis)));
        }

        server.ClearRules();
        Assert.Equal("still in step", (string?)await Until.EndsAsync(redis.EchoAsync("still in step")));
        Assert.Equal(1, server.Accepted);
        Assert.Empty(server.Violations);
    }

    private static ReplyShape Find(string name) => ReplyShape.All.Single(shape => shape.Name == name);

    private static async Task CheckAsync(ReplyShape shape, params ReadOnlyMemory<byte>[] chunks)
    {
        (Executor redis, ScriptedTransport transport) = Open();
        Task check = shape.Check(redis);
        ValueTask<RespValue> after = redis.ExecuteAsync("PING");
        foreach (ReadOnlyMemory<byte> chunk in chunks) transport.Deliver(chunk);
        await Until.EndsAsync(check);
        Assert.Equal("after", (await Until.EndsAsync(after)).AsString());
        await redis.CloseAsync();
    }

    private static (Executor Redis, ScriptedTransport Transport) Open()
    {
        ScriptedTransport transport = new();
        Connection connection = new(transport, new NodeEndpoint("scripted", 1), new ConnectionLimits(1000, 1 << 20), RespLimits.Default);
        connection.Start();
        return (new Executor(connection), transport);
    }

    private sealed class Executor(Connection connection) : ICommandExecutor
    {
        public ValueTask<T> ExecuteAsync<T>(in Command command, ReplyParser<T> reply, CancellationToken cancellationToken = default)
            => connection.ExecuteAsync(command, reply, (int)Until.Limit.TotalMilliseconds, cancellationToken);

        public async Task CloseAsync()
        {
            connection.Close(new RedisConnectionException("The test is over.", ConnectionFailure.Disposed, Outcome.NotExecuted));
            await Until.EndsAsync(connection.Ended);
        }
    }
}
