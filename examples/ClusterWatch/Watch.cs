// Draws twice a second, and hears the keys, until it is told to end.
namespace ClusterWatch;

internal sealed class Watch(Sampler sampler, IView view, Faults? faults)
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _keyPeriod = TimeSpan.FromMilliseconds(50);

    /// <summary>Until a key says quit, or <paramref name="script"/> is over.</summary>
    internal async Task RunAsync(Task? script, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && script is not { IsCompleted: true })
        {
            view.Show(sampler.Take());
            for (TimeSpan waited = TimeSpan.Zero; waited < _period; waited += _keyPeriod)
            {
                if (script is null && IsToQuit()) return;
                await Task.Delay(_keyPeriod, CancellationToken.None);
            }
        }
    }

    private bool IsToQuit()
    {
        while (!Console.IsInputRedirected && Console.KeyAvailable)
        {
            char key = char.ToLowerInvariant(Console.ReadKey(intercept: true).KeyChar);
            if (key is 'q' or '\e') return true;
            faults?.TryBegin(key);
        }

        return false;
    }
}
