// What the README says of commands without keys in a cluster is what the table says.
using ClusterClient.Protocol;
using ClusterClient.UnitTests.Quality;

namespace ClusterClient.UnitTests.Commands;

public class KeylessDocumentTests
{
    /// <summary>What goes to several nodes first; of the rest, which is long and does what anybody expects, the rule.</summary>
    private static readonly (KeylessRoute Route, string Where)[] _rows =
    [
        (KeylessRoute.Keyspace, "every master, for its keys"),
        (KeylessRoute.AllMasters, "every master, for what it keeps"),
        (KeylessRoute.AllNodes, "every node, replicas too"),
        (KeylessRoute.AnyMaster, "any one master"),
        (KeylessRoute.AnyNode, "any node"),
        (KeylessRoute.Pinned, "the node you name (`OnNode`, `OnEachNodeAsync`); else refused"),
    ];

    [Fact]
    public void The_table_in_the_readme_is_that_of_the_code() => ReadmeTable.IsThatOfTheCode("keyless commands", Render());

    private static string Render() =>
        "| goes to | commands | and answers |\n|---|---|---|\n"
        + string.Concat(_rows.SelectMany(static row => CommandTable.All
            .Where(command => command.Route == row.Route && !IsOfAModule(command) && !command.IsContainer && !command.Name.EndsWith(" HELP", StringComparison.Ordinal))
            .GroupBy(static command => command.Join)
            .OrderBy(static group => group.Key)
            .Select(group => $"| {row.Where} | {Names(row.Route, group)} | {Answer(row.Route, group.Key)} |\n")));

    /// <summary>FT.SEARCH and its like, and what only sentinels or Garnet know.</summary>
    private static bool IsOfAModule(CommandInfo command) =>
        command.Name.Contains('.', StringComparison.Ordinal) || command.Name.StartsWith("SENTINEL", StringComparison.Ordinal)
        || CommandTableRows.Read(CommandTableGarnet.Rows).Any(garnet => garnet.Name == command.Name);

    /// <summary>The words of one container together: FUNCTION DELETE/LOAD. Of those that must name their node there are too many: CONFIG … is what no other line names.</summary>
    private static string Names(KeylessRoute route, IEnumerable<CommandInfo> commands) => string.Join(", ", commands
        .GroupBy(static command => command.Name.Contains(' ', StringComparison.Ordinal) ? command.Name.Split(' ')[0] : string.Empty)
        .OrderBy(static container => container.Key, StringComparer.Ordinal)
        .Select(container => container.Key.Length == 0
            ? string.Join(", ", container.Select(static command => command.Name).Order(StringComparer.Ordinal))
            : route == KeylessRoute.Pinned ? $"{container.Key} …"
            : $"{container.Key} {string.Join('/', container.Select(static command => command.Name.Split(' ')[1]).Order(StringComparer.Ordinal))}"));

    private static string Answer(KeylessRoute route, KeylessJoin join) => join switch
    {
        KeylessJoin.Sum => "the sum",
        KeylessJoin.And => "1 where all masters say 1",
        KeylessJoin.Union => "each once",
        KeylessJoin.Pick => "one of the answers, null only if all are",
        KeylessJoin.SumByName => "the sums by name",
        _ => route is KeylessRoute.Keyspace or KeylessRoute.AllMasters ? "the first answer, once all have succeeded" : "that node's answer",
    };
}
