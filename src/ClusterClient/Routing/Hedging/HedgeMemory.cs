// What the hedged views of one client have in common: what they know of slow answers, and how many second questions they may ask.
using System.Collections.Concurrent;
using ClusterClient.Configuration;

namespace ClusterClient.Routing.Hedging;

/// <summary>
/// One per client. A view may be made for a single call: with a budget of its own each would have a second question saved up, and the share would bound nothing; with an
/// estimate of its own it would never learn what is slow.
/// </summary>
internal sealed class HedgeMemory
{
    /// <summary>So many kinds of hedging have a budget each; whatever comes beyond, as from a delay worked out for each call, has one for each share.</summary>
    private const int MostKinds = 64;

    private readonly ConcurrentDictionary<(ReadPolicy Policy, int Percent, TimeSpan? After), HedgeBudget> _budgets = new();
    private readonly ConcurrentDictionary<int, HedgeBudget> _others = new();
    private readonly ConcurrentDictionary<(ReadPolicy Policy, bool IsBulk), TailEstimate> _tails = new();

    /// <summary>The budget of a policy and its hedging; your own selectors have one together.</summary>
    internal HedgeBudget BudgetOf(ReadFrom policy)
    {
        (ReadPolicy, int, TimeSpan?) kind = (policy.Policy, policy.HedgePercent, policy.HedgeAfter);
        if (_budgets.TryGetValue(kind, out HedgeBudget? known)) return known;
        return _budgets.Count < MostKinds
            ? _budgets.GetOrAdd(kind, static kind => new HedgeBudget(kind.Percent))
            : _others.GetOrAdd(policy.HedgePercent, static percent => new HedgeBudget(percent));
    }

    /// <summary>The times of the nodes that a policy chooses, on the connection that it reads over.</summary>
    internal TailEstimate TailOf(ReadFrom policy, bool isBulk) => _tails.GetOrAdd((policy.Policy, isBulk), static _ => new TailEstimate());
}
