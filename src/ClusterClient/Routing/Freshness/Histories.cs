// Which replication history goes on from which, and from where, as far as any server has told this client.
using System.Collections.Immutable;
using ClusterClient.Connections;

namespace ClusterClient.Routing.Freshness;

/// <summary>
/// A server names only the last history that its own continues (<c>master_replid2</c>). Who rests through two failovers needs both steps: the client remembers those it was told of.
/// One per client; safe for many threads.
/// </summary>
internal sealed class Histories
{
    private const int Remembered = 64;

    private readonly Lock _gate = new();
    private ImmutableArray<Step> _steps = [];

    /// <summary>Notes what a server says of its history. A replica says the same as its master, or stopped earlier in the one before.</summary>
    internal void Note(in ReplicationInfo told)
    {
        if (told.ContinuesNothing || told.Id.Length == 0) return;
        Step step = new(told.Id, told.SecondId, told.SecondOffset);
        if (_steps.Contains(step)) return;
        lock (_gate)
        {
            ImmutableArray<Step> kept = _steps.Length < Remembered ? _steps : _steps.RemoveAt(0);
            ImmutableInterlocked.InterlockedExchange(ref _steps, kept.Add(step));
        }
    }

    /// <summary>Whether all that had happened at a point of some history is part of a server's, by its own word and what others told before.</summary>
    internal bool IsHeldBy(in ReplicationInfo server, string id, long offset)
    {
        if (server.Holds(id, offset)) return true;
        ImmutableArray<Step> steps = _steps;
        HashSet<string> reached = [id];
        for (bool isNew = true; isNew;)
        {
            isNew = false;
            foreach (Step step in steps)
            {
                if (offset >= step.Until || !reached.Contains(step.Before) || !reached.Add(step.Id)) continue;
                if (server.Holds(step.Id, offset)) return true;
                isNew = true;
            }
        }

        return false;
    }

    /// <summary>Whether a server's history goes back to another one.</summary>
    internal bool IsFollowedBy(in ReplicationInfo server, string id) => IsHeldBy(server, id, 0);

    /// <param name="Id">A history.</param>
    /// <param name="Before">The one it continues.</param>
    /// <param name="Until">Up to here, not included, they are the same.</param>
    private readonly record struct Step(string Id, string Before, long Until);
}
