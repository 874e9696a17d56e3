// Many callers that read the same keys through one view, and what they got.
namespace ClusterClient.IntegrationTests.Reading;

internal static class ReadLoad
{
    /// <summary>Runs callers in parallel, each so many reads of the keys in turn; fails with the first wrong value or error.</summary>
    public static Task RunAsync(ICommandExecutor view, int callers, int readsEach, params string[] keys)
        => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < readsEach; i++)
            {
                string key = keys[(caller + i) % keys.Length];
                Assert.Equal(key, (string?)await view.StringGetAsync(key));
            }
        })));
}
