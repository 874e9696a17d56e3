// A user name and password as one value that never prints itself.
namespace ClusterClient;

/// <summary>What a connection authenticates with. <see cref="ToString"/> never shows the password.</summary>
/// <param name="User">The ACL user; null for the server's default user.</param>
/// <param name="Password">The password or token.</param>
public sealed record RedisCredentials(string? User, string Password)
{
    /// <summary>The user, without the password.</summary>
    public override string ToString() => $"{User ?? "default"}:***";
}
