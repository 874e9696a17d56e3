// The server that a topology would be made of.
namespace ClusterClient.Testing;

/// <summary>The server that a topology would be made of, before one is started.</summary>
/// <param name="Kind">Which server.</param>
/// <param name="Version">Its version.</param>
/// <param name="Capabilities">What it can do.</param>
public sealed record LocalServer(ServerKind Kind, Version Version, ServerCapabilities Capabilities);
