// A gate that a test opens: how fakes wait without sleeping.
namespace ClusterClient.UnitTests.Fakes;

/// <summary>Closed until it is opened; can be closed again.</summary>
internal sealed class Gate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _opened = New();

    public Gate(bool isOpen = false)
    {
        if (isOpen) _opened.SetResult();
    }

    public bool IsOpen => _opened.Task.IsCompleted;

    public Task WaitAsync()
    {
        lock (_lock) return _opened.Task;
    }

    public void Open()
    {
        lock (_lock) _opened.TrySetResult();
    }

    public void Close()
    {
        lock (_lock)
        {
            if (_opened.Task.IsCompleted) _opened = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
