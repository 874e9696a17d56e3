// The pub/sub half of fake servers: confirms subscriptions and sends messages, in RESP3 and RESP2.
using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.UnitTests.Fakes;

internal sealed class FakePubSub
{
    private readonly ConcurrentDictionary<(FakeConnection Connection, string Word, string Name), byte> _subscriptions = new();

    public FakePubSub(FakeServer server)
    {
        foreach (string word in (string[])["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"])
        {
            server.Middle = Behind(server.Middle, word, (command, key) =>
            {
                _subscriptions[key] = 0;
                return Confirmation(command, word);
            });
            string ending = word.Replace("SUB", "UNSUB", StringComparison.Ordinal);
            server.Middle = Behind(server.Middle, ending, (command, key) =>
            {
                _subscriptions.TryRemove((key.Connection, word, key.Name), out _);
                return Confirmation(command, ending);
            });
        }

        server.Middle = Behind(server.Middle, "PING", (command, _) => command.Connection.Protocol == 2 && Of(command.Connection).Any() ? Frame(command.Connection, "pong", "") : FakeAnswer.Simple("PONG"));
    }

    /// <summary>Connections that are open and subscribed to a name.</summary>
    public IReadOnlyList<FakeConnection> SubscribersOf(string name) => [.. _subscriptions.Keys.Where(one => one.Connection.IsOpen && one.Name == name).Select(static one => one.Connection)];

    /// <summary>Sends a message to all who are subscribed to the name, as a message of that kind.</summary>
    public async Task SendAsync(string kind, string name, string channel, string payload, bool byteByByte = false)
    {
        foreach (FakeConnection connection in SubscribersOf(name))
        {
            FakeAnswer answer = kind == "pmessage" ? Frame(connection, kind, name, channel, payload) : Frame(connection, kind, channel, payload);
            await connection.SendAsync(byteByByte ? answer.ByteByByte() : answer);
        }
    }

    public Task PublishAsync(string channel, string payload, bool byteByByte = false) => SendAsync("message", channel, channel, payload, byteByByte);

    /// <summary>What a server tells its subscribers when the channel's slot leaves.</summary>
    public async Task RevokeAsync(string channel)
    {
        foreach (FakeConnection connection in SubscribersOf(channel))
        {
            _subscriptions.TryRemove((connection, "SSUBSCRIBE", channel), out _);
            await connection.SendAsync(Frame(connection, "sunsubscribe", channel, 0));
        }
    }

    public static FakeAnswer Confirmation(FakeCommand command, string word) => Frame(command.Connection, word.ToLowerInvariant(), command[1], 1);

    /// <summary>A push in RESP3, an array in RESP2.</summary>
    public static FakeAnswer Frame(FakeConnection connection, params object[] elements) => FakeAnswer.Written(writer =>
    {
        writer.Write(Encoding.Latin1.GetBytes($"{(connection.Protocol == 3 ? '>' : '*')}{elements.Length}\r\n"));
        foreach (object element in elements)
        {
            if (element is int number) RespWriter.WriteInteger(writer, number);
            else RespWriter.WriteBulkString(writer, Encoding.Latin1.GetBytes((string)element));
        }
    });

    private IEnumerable<string> Of(FakeConnection connection) => _subscriptions.Keys.Where(one => one.Connection == connection).Select(static one => one.Name);

    /// <summary>What was there before goes first: a cluster's redirects of shard channels.</summary>
    private static Func<FakeCommand, FakeAnswer?> Behind(Func<FakeCommand, FakeAnswer?>? then, string word, Func<FakeCommand, (FakeConnection Connection, string Word, string Name), FakeAnswer> answer)
        => command => then?.Invoke(command) ?? (command.Is(word) ? answer(command, (command.Connection, word, command.Count > 1 ? command[1] : string.Empty)) : null);
}
