// Stands in for containers in a build without Testcontainers.
using ClusterClient.Testing.Servers;

namespace ClusterClient.Testing.Containers;

internal static class ContainerServers
{
    public static ServerProgram Create(LocalTopologyOptions options) => throw new NotSupportedException(
        $"{nameof(ServerKind)}.{nameof(ServerKind.Container)} needs Testcontainers, which this build of ClusterClient.Testing leaves out: build it from "
        + $"source with -p:UseTestcontainers=true, or use {nameof(ServerKind)}.{nameof(ServerKind.Auto)} with a server on PATH. (The image asked for was '{options.ContainerImage}'.)");
}
