// The text form of the read policies.
namespace ClusterClient.Configuration;

internal static class ReadFromText
{
    private static readonly ReadFrom[] s_named =
        [ReadFrom.Master, ReadFrom.MasterPreferred, ReadFrom.Replica, ReadFrom.ReplicaPreferred, ReadFrom.Any, ReadFrom.Nearest, ReadFrom.AzAffinity];

    /// <summary>A policy by its name; one made of the user's own code has none and is not written.</summary>
    public static OptionKind<ReadFrom> Kind { get; } = new(
        "one of " + string.Join(", ", s_named.Select(static policy => policy.ToString())),
        static (text, out value) =>
        {
            value = s_named.FirstOrDefault(policy => policy.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))!;
            return value is not null;
        },
        static value => value.ToString(),
        static value => value is not null);

    /// <summary>What can be written of an option's value.</summary>
    public static ReadFrom Writable(ReadFrom value) => value is { Policy: ReadPolicy.Custom } ? ReadFrom.Master : value;

    /// <summary>The client's bound on age: the option's own, or the one that its policy has.</summary>
    public static TimeSpan Staleness(RedisClientOptions options)
        => options.MaxStaleness != TimeSpan.Zero || options.ReadFrom is not { Policy: not (ReadPolicy.Master or ReadPolicy.Custom), MaxStaleness: { } bound } ? options.MaxStaleness : bound;
}
