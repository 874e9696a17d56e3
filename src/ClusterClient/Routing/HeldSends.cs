// Holds the sends of several connections while a batch is put on them.
using ClusterClient.Connections;

namespace ClusterClient.Routing;

/// <summary>Until it is disposed, what is appended to these connections stays together in their send queues. Short: others' commands wait too.</summary>
internal readonly struct HeldSends(List<Connection> held) : IDisposable
{
    public void Dispose()
    {
        foreach (Connection connection in held) connection.ReleaseSends();
    }
}
