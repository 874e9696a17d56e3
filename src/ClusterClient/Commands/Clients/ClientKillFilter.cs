// Which connections CLIENT KILL closes.
using ClusterClient.Commands;

namespace ClusterClient;

/// <summary>Which connections to close: those that match everything that is set (<c>CLIENT KILL</c>).</summary>
public sealed record ClientKillFilter
{
    /// <summary>The one with this id.</summary>
    public long? Id { get; init; }

    /// <summary>Those of this kind.</summary>
    public ClientType? Type { get; init; }

    /// <summary>Those of this user.</summary>
    public string? User { get; init; }

    /// <summary>The one from this address, <c>ip:port</c>.</summary>
    public string? Address { get; init; }

    /// <summary>Those to this address of the server, <c>ip:port</c>.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>Those that are connected for at least this long, in whole seconds (Redis 7.4, Valkey 8.0).</summary>
    public TimeSpan? MinAge { get; init; }

    /// <summary>Whether the connection this command goes over is spared; true when not set.</summary>
    public bool? SkipMe { get; init; }

    internal void AddTo(ref ArgumentList arguments)
    {
        int before = arguments.Count;
        if (Id is { } id) arguments.Add(Words.Id, id);
        if (Type is { } type) arguments.Add(Words.Type, ClientTypes.Word(type));
        if (User is { } user) arguments.Add("USER", user);
        if (Address is { } address) arguments.Add("ADDR", address);
        if (LocalAddress is { } local) arguments.Add("LADDR", local);
        if (MinAge is { } age) arguments.Add("MAXAGE", (long)age.TotalSeconds);
        if (arguments.Count == before) throw new ArgumentException("An empty filter would close every connection; set at least one property besides SkipMe.");
        if (SkipMe is { } skip) arguments.Add("SKIPME", skip ? "yes" : "no");
    }
}
