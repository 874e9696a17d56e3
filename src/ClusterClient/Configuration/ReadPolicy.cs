// The kinds of read policy, for the code that carries them out.
namespace ClusterClient.Configuration;

/// <summary>What <see cref="ReadFrom"/> says, as a number to switch on.</summary>
internal enum ReadPolicy
{
    /// <summary>See <see cref="ReadFrom.Master"/>.</summary>
    Master,

    /// <summary>See <see cref="ReadFrom.MasterPreferred"/>.</summary>
    MasterPreferred,

    /// <summary>See <see cref="ReadFrom.Replica"/>.</summary>
    Replica,

    /// <summary>See <see cref="ReadFrom.ReplicaPreferred"/>.</summary>
    ReplicaPreferred,

    /// <summary>See <see cref="ReadFrom.Any"/>.</summary>
    Any,

    /// <summary>See <see cref="ReadFrom.Nearest"/>.</summary>
    Nearest,

    /// <summary>See <see cref="ReadFrom.AzAffinity"/>.</summary>
    AzAffinity,

    /// <summary>See <see cref="ReadFrom.Custom"/>.</summary>
    Custom,
}
