// What came on a subscription connection: a message, a confirmation, a sign of life, an error.
using System.Text;
using ClusterClient.Protocol;

namespace ClusterClient.Connections.Subscriptions;

internal enum SubscriptionFrameKind
{
    /// <summary>Nothing that concerns subscriptions (another kind of push): passed over.</summary>
    Other,

    /// <summary>A message for a channel, a pattern or a shard channel.</summary>
    Message,

    /// <summary>The server has begun a subscription.</summary>
    Subscribed,

    /// <summary>The server has ended a subscription: it was asked to, or the channel's slot left.</summary>
    Unsubscribed,

    /// <summary>The answer to PING.</summary>
    Pong,

    /// <summary>An error reply to the oldest command that has no answer yet.</summary>
    Refused,
}

/// <summary>One frame, read. RESP3 sends these as pushes and RESP2 as arrays of the same elements; the spans stand in the frame.</summary>
internal readonly ref struct SubscriptionFrame
{
    private SubscriptionFrame(SubscriptionFrameKind kind, SubscriptionKind topic = default, ReadOnlySpan<byte> name = default)
    {
        Kind = kind;
        Topic = topic;
        Name = name;
        Channel = name;
    }

    internal SubscriptionFrameKind Kind { get; }

    /// <summary>What the subscription is to.</summary>
    internal SubscriptionKind Topic { get; }

    /// <summary>The name that was subscribed to: a channel, or the pattern that matched.</summary>
    internal ReadOnlySpan<byte> Name { get; }

    /// <summary>The channel a message was published on.</summary>
    internal ReadOnlySpan<byte> Channel { get; private init; }

    /// <summary>What was published.</summary>
    internal ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>The error line.</summary>
    internal string? Error { get; private init; }

    internal static SubscriptionFrame Read(ReadOnlySpan<byte> frame)
    {
        RespReader reader = new(frame);
        reader.Read();
        if (reader.IsError) return new SubscriptionFrame(SubscriptionFrameKind.Refused) { Error = Encoding.UTF8.GetString(reader.Span) };
        if (!reader.IsAggregate) return new SubscriptionFrame(reader.Span.SequenceEqual("PONG"u8) ? SubscriptionFrameKind.Pong : SubscriptionFrameKind.Other);
        int count = reader.Count;
        if (count < 2 || !Next(ref reader)) return default;
        ReadOnlySpan<byte> word = reader.Span;
        return word.Length switch
        {
            4 when word.SequenceEqual("pong"u8) => new SubscriptionFrame(SubscriptionFrameKind.Pong),
            7 when count == 3 && word.SequenceEqual("message"u8) => Message(ref reader, SubscriptionKind.Channel),
            8 when count == 4 && word.SequenceEqual("pmessage"u8) => Message(ref reader, SubscriptionKind.Pattern),
            8 when count == 3 && word.SequenceEqual("smessage"u8) => Message(ref reader, SubscriptionKind.Sharded),
            9 when word.SequenceEqual("subscribe"u8) => Change(ref reader, SubscriptionFrameKind.Subscribed, SubscriptionKind.Channel),
            10 when word.SequenceEqual("psubscribe"u8) => Change(ref reader, SubscriptionFrameKind.Subscribed, SubscriptionKind.Pattern),
            10 when word.SequenceEqual("ssubscribe"u8) => Change(ref reader, SubscriptionFrameKind.Subscribed, SubscriptionKind.Sharded),
            11 when word.SequenceEqual("unsubscribe"u8) => Change(ref reader, SubscriptionFrameKind.Unsubscribed, SubscriptionKind.Channel),
            12 when word.SequenceEqual("punsubscribe"u8) => Change(ref reader, SubscriptionFrameKind.Unsubscribed, SubscriptionKind.Pattern),
            12 when word.SequenceEqual("sunsubscribe"u8) => Change(ref reader, SubscriptionFrameKind.Unsubscribed, SubscriptionKind.Sharded),
            _ => default,
        };
    }

    private static SubscriptionFrame Message(scoped ref RespReader reader, SubscriptionKind topic)
    {
        Expect(ref reader, "a name");
        ReadOnlySpan<byte> name = reader.Span;
        ReadOnlySpan<byte> channel = name;
        if (topic == SubscriptionKind.Pattern)
        {
            Expect(ref reader, "a channel");
            channel = reader.Span;
        }

        Expect(ref reader, "a payload");
        return new SubscriptionFrame(SubscriptionFrameKind.Message, topic, name) { Channel = channel, Payload = reader.Span };
    }

    private static SubscriptionFrame Change(scoped ref RespReader reader, SubscriptionFrameKind kind, SubscriptionKind topic)
    {
        Expect(ref reader, "a name");
        return new SubscriptionFrame(kind, topic, reader.Span);
    }

    private static bool Next(scoped ref RespReader reader) => reader.Read() && !reader.IsAggregate;

    private static void Expect(scoped ref RespReader reader, string what)
    {
        if (!Next(ref reader)) throw new RedisProtocolException($"A message of a subscription has no {what} where one has to be.");
    }
}
