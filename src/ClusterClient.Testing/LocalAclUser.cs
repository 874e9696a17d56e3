// A named user that every node of a topology knows.
namespace ClusterClient.Testing;

/// <summary>A named user that every node of the topology knows (an ACL user of Redis 6 and later).</summary>
/// <param name="Name">The user's name, without blanks. Not <c>default</c>: its password is <see cref="LocalTopologyOptions.Password"/>.</param>
/// <param name="Password">The user's password, without blanks.</param>
/// <param name="Rules">What the user may do, in the words of ACL SETUSER. The default allows everything.</param>
public sealed record LocalAclUser(string Name, string Password, string Rules = "~* &* +@all")
{
    /// <summary>The name and the rules; never the password.</summary>
    public override string ToString() => $"{Name} ({Rules})";
}
