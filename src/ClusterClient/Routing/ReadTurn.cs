// Whose turn it is to be asked, where several nodes are equally good.
namespace ClusterClient.Routing;

/// <summary>
/// Each thread asks the same node for a few reads in a row, then the next one: callers whose replies came together send their next commands together, and
/// what is dealt out one by one among the nodes goes out in as many smaller sends.
/// </summary>
internal static class ReadTurn
{
    /// <summary>Reads in a row.</summary>
    private const int RowBits = 5;

    [ThreadStatic]
    private static uint _reads;

    /// <summary>The thread's present turn: a number that grows by one with every row.</summary>
    internal static uint Next()
    {
        uint reads = _reads;
        if (reads == 0) reads = (uint)Random.Shared.Next(1, 1 << 20); // threads must not all begin with the same node
        _reads = reads + 1;
        return reads >> RowBits;
    }
}
