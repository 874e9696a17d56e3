// The results of one workload: an entry for each contender.
namespace ClusterClient.Bench.Load;

internal sealed record Row(Workload Workload, IReadOnlyList<Entry> Entries)
{
    public string Name => Workload.Name;

    public IReadOnlyList<GoalCheck> Goals => GoalCheck.Of(this);

    public Entry? this[string contender] => Entries.FirstOrDefault(entry => entry.Contender == contender);

    /// <summary>How many times another contender's commands per second; null where one of the two has no figure.</summary>
    public double? Ratio(Entry entry, string other) =>
        entry.Median?.CommandsPerSecond / this[other]?.Median?.CommandsPerSecond;
}

/// <summary>What one contender did with one workload, round by round.</summary>
internal sealed class Entry(string contender)
{
    public string Contender => contender;

    public List<Sample> Samples { get; } = [];

    /// <summary>Why there is nothing to measure.</summary>
    public string? Note { get; set; }

    /// <summary>What went wrong in a round; such an entry has no figures to be trusted.</summary>
    public string? Failure { get; set; }

    public Sample? Median => Failure is null && Samples.Count > 0 ? Sample.Median(Samples) : null;

    /// <summary>In how many of their common rounds this entry was faster than another one.</summary>
    public (int Won, int Rounds) RoundsWon(Entry other)
    {
        (Sample Ours, Sample Theirs)[] rounds = [.. Samples.Zip(other.Samples)];
        return (rounds.Count(round => round.Ours.CommandsPerSecond > round.Theirs.CommandsPerSecond), rounds.Length);
    }
}
