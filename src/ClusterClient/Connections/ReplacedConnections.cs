// The connections that were swapped for newer ones and still owe replies.
namespace ClusterClient.Connections;

/// <summary>Keeps an eye on connections that take no more commands: nobody watches their pulse any more, and one that never answers would stay open for good.</summary>
internal sealed class ReplacedConnections
{
    private readonly Lock _gate = new();
    private readonly List<(Connection Connection, long Since)> _connections = [];

    /// <summary>Takes over a connection that its node no longer uses; it ends with its last reply.</summary>
    internal void Add(Connection connection)
    {
        lock (_gate)
        {
            _connections.RemoveAll(static one => one.Connection.Ended.IsCompleted);
            _connections.Add((connection, Environment.TickCount64));
        }

        connection.Retire();
    }

    /// <summary>Closes those that have been silent for the hang timeout.</summary>
    internal void CloseHung(TimeSpan hangTimeout)
    {
        long latest = Environment.TickCount64 - (long)hangTimeout.TotalMilliseconds;
        foreach ((Connection connection, long since) in All())
        {
            if (since < latest && connection.LastReceived < latest) connection.Close(ConnectionErrors.Hung(connection, hangTimeout));
        }
    }

    /// <summary>Closes all, and returns when what was on them has been handed on.</summary>
    internal async ValueTask CloseAsync(RedisConnectionException cause)
    {
        foreach ((Connection connection, _) in All())
        {
            connection.Close(cause);
            await connection.Ended.ConfigureAwait(false);
        }
    }

    private (Connection Connection, long Since)[] All()
    {
        lock (_gate) return [.. _connections];
    }
}
