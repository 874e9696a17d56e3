// Finds the server program that the options, the environment or the machine offer.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ClusterClient.Testing.Containers;

namespace ClusterClient.Testing.Servers;

internal static partial class ServerDiscovery
{
    public const string Variable = "CLUSTERCLIENT_SERVER";

    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<string, Task<ServerProgram>> Asked = new(StringComparer.Ordinal);

    public static Task<ServerProgram> FindAsync(LocalTopologyOptions options)
    {
        if (options.ServerPath is { } path)
            return AtAsync(path, options.Server);
        if (options.Server != ServerKind.Auto)
            return OfKindAsync(options.Server, options);
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } told ? ToldAsync(told, options) : OnThisMachineAsync();
    }

    private static Task<ServerProgram> ToldAsync(string told, LocalTopologyOptions options) =>
        Enum.TryParse<ServerKind>(told, ignoreCase: true, out var kind) && Enum.IsDefined(kind) && !told.Any(char.IsAsciiDigit)
            ? kind == ServerKind.Auto ? OnThisMachineAsync() : OfKindAsync(kind, options)
            : AtAsync(told, ServerKind.Auto);

    private static Task<ServerProgram> OnThisMachineAsync() =>
        (OnPath("redis-server") ?? OnPath("valkey-server")) is { } path ? AtAsync(path, ServerKind.Auto) : GarnetAsync();

    private static Task<ServerProgram> OfKindAsync(ServerKind kind, LocalTopologyOptions options) => kind switch
    {
        ServerKind.Redis => OnPathAsync("redis-server", kind),
        ServerKind.Valkey => OnPathAsync("valkey-server", kind),
        ServerKind.Garnet => OnPath("garnet-server") is { } path ? AtAsync(path, kind) : GarnetAsync(),
        ServerKind.Container => Task.FromResult(ContainerServers.Create(options)),
        _ => throw new ArgumentException($"{nameof(LocalTopologyOptions)}.{nameof(LocalTopologyOptions.Server)} has the unknown value {kind}."),
    };

    private static Task<ServerProgram> OnPathAsync(string program, ServerKind kind) => AtAsync(
        OnPath(program) ?? throw new LocalTopologyException(
            $"{program} is not on PATH: install it, or name it with {nameof(LocalTopologyOptions)}.{nameof(LocalTopologyOptions.ServerPath)} or the environment variable {Variable}."),
        kind);

    private static async Task<ServerProgram> AtAsync(string path, ServerKind expected)
    {
        var full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new LocalTopologyException($"there is no server program at '{full}'.");
        var program = await Asked.GetOrAdd(full, static key => AskAsync(key)).ConfigureAwait(false);
        return expected == ServerKind.Auto || program.Kind == expected
            ? program
            : throw new ArgumentException($"the program at '{full}' is {program}, not {expected}.");
    }

    private static async Task<ServerProgram> GarnetAsync() =>
        await Asked.GetOrAdd("garnet-server from the tool manifest", static _ => FromManifestAsync()).ConfigureAwait(false);

    private static async Task<ServerProgram> FromManifestAsync()
    {
        var (assembly, version) = await GarnetTool.LocateAsync().ConfigureAwait(false);
        return new GarnetProgram(assembly, version);
    }

    // The program itself says what it is; a file may have any name.
    private static async Task<ServerProgram> AskAsync(string path)
    {
        if (Path.GetFileNameWithoutExtension(path).StartsWith("garnet", StringComparison.OrdinalIgnoreCase))
            return new GarnetProgram(path, GarnetTool.VersionOf(path));

        var says = await RunAsync(path, ["--version"], VersionTimeout).ConfigureAwait(false);
        var match = VersionLine().Match(says);
        if (!match.Success)
            throw new LocalTopologyException($"'{path} --version' names neither Redis nor Valkey: {says.Trim()}");
        var kind = match.Groups["name"].Value.Equals("valkey", StringComparison.OrdinalIgnoreCase) ? ServerKind.Valkey : ServerKind.Redis;
        return new RedisProgram(kind, path, Version.Parse(match.Groups["version"].Value));
    }

    /// <summary>Runs a program to its end and gives what it wrote.</summary>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, TimeSpan timeout)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new LocalTopologyException($"'{program}' could not be started.");
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            var all = output + await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return process.ExitCode == 0
                ? all
                : throw new LocalTopologyException($"'{program} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: {all.Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new LocalTopologyException($"'{program} {string.Join(' ', arguments)}' did not end within {timeout.TotalSeconds:0} s.");
        }
    }

    public static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    [GeneratedRegex(@"(?<name>Redis|Valkey) server v=(?<version>\d+\.\d+(\.\d+)?)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionLine();
}
