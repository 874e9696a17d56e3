// Under which condition a write happens.
using System.Diagnostics.CodeAnalysis;

namespace ClusterClient;

/// <summary>Whether a key has to be there for a write to happen.</summary>
[SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "The name that users of StackExchange.Redis know; C# has no trouble with it.")]
public enum When
{
    /// <summary>It does not matter.</summary>
    Always,

    /// <summary>Only if the key exists (<c>XX</c>).</summary>
    Exists,

    /// <summary>Only if the key does not exist (<c>NX</c>).</summary>
    NotExists,
}
