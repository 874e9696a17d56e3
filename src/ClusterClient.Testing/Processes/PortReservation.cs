// A loopback port for one server, kept from every other test process of this user for as long as the server's node lives.
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClusterClient.Testing.Processes;

/// <summary>
/// The port and the cluster bus port 10,000 above it, both below the range from which the system takes ports for outgoing connections.
/// A locked file a port settles it between test processes; a bind test settles it with everything else. A node keeps its port while its server is down.
/// </summary>
internal sealed class PortReservation : IDisposable
{
    private const int BusOffset = 10_000;
    private const int First = 12_000;
    private const int DefaultEphemeralStart = 32_768;

    private readonly FileStream _lock;

    private PortReservation(int port, FileStream @lock)
    {
        Port = port;
        _lock = @lock;
    }

    public int Port { get; }

    public static PortReservation Take()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "clusterclient-ports-" + Environment.UserName)).FullName;
        var count = Math.Max(EphemeralStart() - BusOffset - First, 1_000);
        var offset = Random.Shared.Next(count);
        for (var i = 0; i < count; i++)
        {
            var port = First + (offset + i) % count;
            if (TryLock(Path.Combine(folder, port.ToString(CultureInfo.InvariantCulture))) is not { } file)
                continue;
            if (IsFree(port) && IsFree(port + BusOffset))
                return new PortReservation(port, file);
            file.Dispose();
        }
        throw new LocalTopologyException($"no free loopback port between {First} and {First + count - 1} (with its cluster bus port {BusOffset} above).");
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            return null; // Another test process or topology holds it.
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int EphemeralStart()
    {
        const string path = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(path)
            && int.TryParse(File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var start)
            && start > First + BusOffset
            ? start
            : DefaultEphemeralStart;
    }
}
