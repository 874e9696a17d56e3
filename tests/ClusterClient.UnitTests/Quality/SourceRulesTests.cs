// Rules of the source text that no analyzer knows.
using System.Text.RegularExpressions;

namespace ClusterClient.UnitTests.Quality;

public partial class SourceRulesTests
{
    private const int MaxLines = 400;

    /// <summary>Hosts that serve packages or images; in pieces, because this file is searched too.</summary>
    private static readonly string[] s_registries =
    [
        .. new (string Name, string Domain)[]
        {
            ("nuget", "org"), ("npmjs", "org"), ("npmjs", "com"), ("pypi", "org"), ("pythonhosted", "org"), ("crates", "io"), ("ghcr", "io"), ("quay", "io"),
            ("registry-1.docker", "io"), ("hub.docker", "com"), ("mcr.microsoft", "com"), ("deb.debian", "org"), ("pkgs.dev.azure", "com"), ("proxy.golang", "org"),
        }.Select(static host => $"{host.Name}.{host.Domain}"),
    ];

    private static IEnumerable<string> Sources => Repository.Files("src", "*.cs");

    [Fact]
    public void Each_file_begins_with_one_sentence_of_what_it_is() =>
        Findings.None(
            from file in Sources
            let first = Repository.Lines(file).FirstOrDefault() ?? ""
            where !Sentence().IsMatch(first)
            select $"{file}: {first}");

    [Fact]
    public void No_file_is_long() => Findings.None(
            from file in Sources
            let lines = Repository.Lines(file).Length
            where lines > MaxLines
            select $"{file}: {lines} lines, {MaxLines} allowed");

    [Fact]
    public void No_regions_and_no_conditional_code() => Findings.None(Matches(Sources, Directive()));

    [Fact]
    public void No_type_is_called_a_helper() => Findings.None(Matches(Sources, VagueName()));

    [Fact]
    public void No_registry_is_named() =>
        Findings.None(
            from file in Repository.Files(".", "*")
            from registry in s_registries
            where File.ReadAllText(Path.Combine(Repository.Root, file)).Contains(registry, StringComparison.OrdinalIgnoreCase)
            select $"{file} names a package registry");

    [Fact]
    public void The_rules_are_seen_to_fail()
    {
        Assert.DoesNotMatch(Sentence(), "using System;");
        Assert.DoesNotMatch(Sentence(), "// a sentence without its end");
        Assert.DoesNotMatch(Sentence(), "/// <summary>Documentation.</summary>");
        Assert.Matches(Directive(), "    #if DEBUG");
        Assert.Matches(Directive(), "#region Fields");
        Assert.DoesNotMatch(Directive(), "#pragma warning disable CA1000");
        Assert.Matches(VagueName(), "internal static class SocketHelpers");
        Assert.Matches(VagueName(), "public sealed record struct ConnectionManager<T>(int X)");
        Assert.DoesNotMatch(VagueName(), "internal sealed class ConnectionManagers2");
        Assert.Equal(1, Repository.Files("src", "*.cs").Count(static file => file.EndsWith("RedisClientOptions.cs", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Matches(IEnumerable<string> files, Regex rule) =>
        from file in files
        from line in Repository.Lines(file).Index()
        where rule.IsMatch(line.Item)
        select $"{file}:{line.Index + 1}: {line.Item.Trim()}";

    [GeneratedRegex(@"^// \S.*\.$")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"^\s*#\s*(region|endregion|if|elif|else|endif)\b")]
    private static partial Regex Directive();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+\w*(Helpers?|Managers?|Utils?|Utilities)\b")]
    private static partial Regex VagueName();
}
