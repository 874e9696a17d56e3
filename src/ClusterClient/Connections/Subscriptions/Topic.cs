// One thing that can be subscribed to: kind and name.
using System.Collections.Immutable;
using ClusterClient.Protocol;

namespace ClusterClient.Connections.Subscriptions;

/// <summary>Kind and name; equal when both are. The name's bytes are this object's own.</summary>
internal sealed class Topic : IEquatable<Topic>
{
    private static readonly ImmutableArray<CommandInfo> _subscribe = [Info("SUBSCRIBE"), Info("PSUBSCRIBE"), Info("SSUBSCRIBE")];
    private static readonly ImmutableArray<CommandInfo> _unsubscribe = [Info("UNSUBSCRIBE"), Info("PUNSUBSCRIBE"), Info("SUNSUBSCRIBE")];
    private readonly int _hash;

    internal Topic(SubscriptionKind kind, ReadOnlySpan<byte> name)
    {
        Kind = kind;
        Name = name.ToArray();
        _hash = TopicNames.Hash(name) ^ (int)kind;
    }

    internal SubscriptionKind Kind { get; }

    internal byte[] Name { get; }

    /// <summary>The command that subscribes to it.</summary>
    internal CommandInfo Subscribe => _subscribe[(int)Kind];

    /// <summary>The command that ends the subscription.</summary>
    internal CommandInfo Unsubscribe => _unsubscribe[(int)Kind];

    public bool Equals(Topic? other) => other is not null && Kind == other.Kind && Name.AsSpan().SequenceEqual(other.Name);

    public override bool Equals(object? obj) => Equals(obj as Topic);

    public override int GetHashCode() => _hash;

    /// <summary>For errors and logs: <c>SUBSCRIBE "news"</c>.</summary>
    public override string ToString() => $"{Subscribe.Name} {ByteText.Quote(Name, 64)}";

    private static CommandInfo Info(string name) => CommandTable.Get(name);
}
