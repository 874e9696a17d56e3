// What the command line says.
namespace ClusterWatch;

/// <param name="ConnectionString">A deployment to look at; null for a cluster of this program's own, with load and faults.</param>
/// <param name="IsDemo">Whether a failover is shown without anybody at the keys, and the program ends.</param>
/// <param name="IsPlain">Whether lines are written instead of a picture, as they are into a file.</param>
internal sealed record WatchOptions(string? ConnectionString, bool IsDemo, bool IsPlain)
{
    internal const string Usage = """
        ClusterWatch: what a client sees of its cluster, live.

          dotnet run --project examples/ClusterWatch -- [CONNECTION] [--demo] [--plain]

        without CONNECTION it starts 3 masters and 3 replicas of its own, writes and reads,
        and lets you break them: k kills a master, r restarts it, f fails over gracefully,
        m moves 500 slots, q quits.

          CONNECTION  looks at a deployment of yours: redis://host:port. It writes nothing.
          --demo      nobody at the keys: kills a master, waits for its heir, restarts it,
                      sums up
          --plain     lines instead of a picture; always so when the output is no terminal
        """;

    /// <summary>Null when the arguments make no sense.</summary>
    internal static WatchOptions? Parse(string[] args)
    {
        string[] words = [.. args.Where(static arg => !arg.StartsWith('-'))];
        string[] flags = [.. args.Where(static arg => arg.StartsWith('-'))];
        if (words.Length > 1 || flags.Any(static flag => flag is not ("--demo" or "--plain"))) return null;
        bool isDemo = flags.Contains("--demo");
        if (isDemo && words.Length > 0) return null; // Nobody's own cluster is broken for a show.
        return new(words.FirstOrDefault(), isDemo, flags.Contains("--plain") || Console.IsOutputRedirected);
    }
}
