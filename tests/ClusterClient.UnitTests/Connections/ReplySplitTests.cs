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
            (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
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
            (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
            ValueTask<Lease> reading = redis.StringGetLeaseAsync("k");
            ValueTask<RespValue> after = redis.ExecuteAsync("PING");
            for (int i = 0; i < bytes.Length; i += piece) transport.Deliver(bytes.AsMemory(i, Math.Min(piece, bytes.Length - i)));
            using Lease lease = await Until.EndsAsync(reading);
            Assert.True(lease.Span.SequenceEqual(payload));
            Assert.Equal("after", (await Until.EndsAsync(after)).AsString());
            await redis.CloseAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Leases_of_all_sizes_that_are_kept_are_not_touched_by_what_comes_after(int seed)
    {
        Random random = new(seed);
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        List<byte> wire = [];
        List<(byte[] Payload, ValueTask<Lease> Lease, ValueTask<RedisValue> Value)> calls = [];
        for (int i = 0; i < 60; i++)
        {
            byte[] payload = new byte[random.Next(3) == 0 ? random.Next(200) : random.Next(150_000)];
            random.NextBytes(payload);
            wire.AddRange([.. System.Text.Encoding.ASCII.GetBytes($"${payload.Length}\r\n"), .. payload, .. "\r\n"u8]);
            calls.Add(i % 3 == 0 ? (payload, default, redis.StringGetAsync("k")) : (payload, redis.StringGetLeaseAsync("k"), default));
        }

        byte[] bytes = [.. wire];
        for (int sent = 0; sent < bytes.Length;)
        {
            int piece = Math.Min(bytes.Length - sent, random.Next(4) == 0 ? random.Next(1, 10) : random.Next(1, 200_000));
            transport.Deliver(bytes.AsMemory(sent, piece));
            sent += piece;
        }

        List<Lease> kept = [];
        for (int i = 0; i < calls.Count; i++)
        {
            if (i % 3 == 0) Assert.Equal(calls[i].Payload, (byte[]?)await Until.EndsAsync(calls[i].Value));
            else kept.Add(await Until.EndsAsync(calls[i].Lease));
        }

        byte[][] leased = [.. calls.Where(static (_, i) => i % 3 != 0).Select(static call => call.Payload)];
        for (int i = 0; i < kept.Count; i++)
        {
            Assert.True(kept[i].Span.SequenceEqual(leased[i]), $"lease {i} of {leased[i].Length} bytes");
            kept[i].Dispose();
        }

        await redis.CloseAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_large_streamed_string_is_leased_right(int cut)
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        byte[] half = [.. Enumerable.Range(0, 40_000).Select(static i => (byte)('a' + (i % 26)))];
        byte[] reply = [.. "$?\r\n;40000\r\n"u8, .. half, .. "\r\n;40000\r\n"u8, .. half, .. "\r\n;0\r\n"u8];
        ValueTask<Lease> call = redis.StringGetLeaseAsync("k");
        int at = 12 + 40_000 + 2 + cut; // so many bytes of the second chunk's header come with the first chunk
        transport.Deliver(reply.AsMemory(0, at));
        transport.Deliver(reply.AsMemory(at));

        using Lease lease = await Until.EndsAsync(call);
        Assert.Equal(80_000, lease.Length);
        Assert.Equal([.. half, .. half], lease.Memory.ToArray());
        await redis.CloseAsync();
    }

    [Fact]
    public async Task A_streamed_string_in_one_buffer_is_leased_right()
    {
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        byte[] first = [.. Enumerable.Repeat((byte)'a', 20_000)], second = [.. Enumerable.Repeat((byte)'b', 12_740)];
        byte[] reply = [.. "$?\r\n;20000\r\n"u8, .. first, .. "\r\n;12740\r\n"u8, .. second, .. "\r\n;0\r\n"u8];
        Assert.Equal(32 * 1024, reply.Length);
        ValueTask<Lease> call = redis.StringGetLeaseAsync("k");
        transport.Deliver(reply);
        using Lease lease = await Until.EndsAsync(call);
        Assert.Equal((32_740, "aaaaaaaa"), (lease.Length, System.Text.Encoding.ASCII.GetString(lease.Span[..8])));
        await redis.CloseAsync();
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
        (ScriptedConnection redis, ScriptedTransport transport) = ScriptedConnection.Open();
        Task check = shape.Check(redis);
        ValueTask<RespValue> after = redis.ExecuteAsync("PING");
        foreach (ReadOnlyMemory<byte> chunk in chunks) transport.Deliver(chunk);
        await Until.EndsAsync(check);
        Assert.Equal("after", (await Until.EndsAsync(after)).AsString());
        await redis.CloseAsync();
    }
}
