// The table of options for people: names, ranges and defaults from the option table, meanings from the XML documentation.
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ClusterClient.Configuration;

namespace ClusterClient.UnitTests.Configuration;

internal static partial class OptionsDocument
{
    /// <summary>The table in Markdown.</summary>
    public static string Render() =>
        "| option | meaning | allowed | default |\n|---|---|---|---|\n"
        + string.Concat(OptionTable.All.Select(static option =>
            $"| `{option.Name}` | {Meaning(Summary(option.Name))} | {Allowed(option)} | {(option.Default.Length == 0 ? "none" : $"`{option.Default}`")} |\n"));

    /// <summary>The summary of the option's property as plain text; names of other options as the connection string writes them.</summary>
    public static string Summary(string option)
    {
        string property = $"P:ClusterClient.RedisClientOptions.{char.ToUpperInvariant(option[0])}{option[1..]}";
        XElement summary = s_documentation.Value.Descendants("member").Single(member => (string?)member.Attribute("name") == property).Element("summary")!;
        return Spaces().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();
    }

    private static readonly Lazy<XDocument> s_documentation =
        new(static () => XDocument.Load(Path.ChangeExtension(typeof(RedisClientOptions).Assembly.Location, ".xml")));

    private static string Meaning(string summary) => summary.Split("Default:")[0].Trim().TrimEnd('.');

    /// <summary>The forms of durations and sizes are explained once, above the table.</summary>
    private static string Allowed(Option option) => option.Allowed
        .Replace("a whole number followed by ms, s, m or h, from ", "duration, ", StringComparison.Ordinal)
        .Replace("a whole number of bytes or one followed by KiB, MiB or GiB, from ", "size, ", StringComparison.Ordinal)
        .Replace("a whole number from ", "", StringComparison.Ordinal);

    private static string Text(XNode node) => node switch
    {
        XElement { Name.LocalName: "see" } see => $"`{Reference((string)see.Attribute("cref")!)}`",
        XElement element => $"`{element.Value}`",
        _ => node.ToString(),
    };

    private static string Reference(string cref)
    {
        string member = cref.Split('(')[0]; // of a method, without the types of its parameters
        string name = member[(member.LastIndexOf('.') + 1)..];
        return cref.StartsWith("P:", StringComparison.Ordinal) ? OptionNames.CamelCase(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
