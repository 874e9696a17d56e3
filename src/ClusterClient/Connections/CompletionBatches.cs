// The batches of one connection between two uses.
namespace ClusterClient.Connections;

/// <summary>
/// Keeps resting batches as a chain, so that a connection that never had many callers pays for few. On a busy machine many may be out: each waits for its helper to
/// find that nothing is left.
/// </summary>
internal sealed class CompletionBatches
{
    private const int Kept = 64;
    private readonly Lock _gate = new();
    private CompletionBatch? _first;
    private int _count;

    internal CompletionBatch Rent()
    {
        lock (_gate)
        {
            if (_first is { } batch)
            {
                _first = batch.Next;
                batch.Next = null;
                _count--;
                return batch;
            }
        }

        return new CompletionBatch(this);
    }

    internal void Return(CompletionBatch batch)
    {
        lock (_gate)
        {
            if (_count == Kept) return;
            batch.Next = _first;
            _first = batch;
            _count++;
        }
    }
}
