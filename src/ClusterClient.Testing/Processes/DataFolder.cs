// The folder of a topology's data, gone at the end, also when this process is killed.
using System.Diagnostics;

namespace ClusterClient.Testing.Processes;

internal sealed class DataFolder : IAsyncDisposable
{
    // The servers die by their own watchdogs at the same moment; until the last has, it may still write a file.
    private const string Janitor =
        """
        trap '' INT QUIT HUP TERM
        read -r line
        tries=0
        until rm -rf "$1" 2>/dev/null && ! [ -e "$1" ]; do
            tries=$((tries + 1))
            [ $tries -lt 50 ] || exit 1
            sleep 0.1
        done
        """;

    private readonly Process _janitor;

    private DataFolder(string path, Process janitor)
    {
        Path = path;
        _janitor = janitor;
    }

    public string Path { get; }

    public static DataFolder Create(string? parent)
    {
        var path = System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), "clusterclient-" + Guid.NewGuid().ToString("n")[..12]);
        // Passwords and keys lie in it.
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new DataFolder(path, Shell.Start(Janitor, System.IO.Path.GetPathRoot(path) ?? "/", [path]));
    }

    public string CreateSubfolder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public async ValueTask DisposeAsync()
    {
        await Shell.EndAsync(_janitor).ConfigureAwait(false);
        _janitor.Dispose();
    }
}
