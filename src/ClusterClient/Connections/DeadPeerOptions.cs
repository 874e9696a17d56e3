// What the operating system does to find out that a peer is gone.
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClusterClient.Connections;

/// <summary>Keep-alive, and on Linux the time after which unacknowledged bytes end a connection. The heartbeat finds a dead peer sooner; these serve where it cannot run.</summary>
internal static class DeadPeerOptions
{
    private const int IpProtocolTcp = 6;

    /// <summary>TCP_USER_TIMEOUT (RFC 5482), in milliseconds; Linux alone lets a program set it by this number.</summary>
    private const int TcpUserTimeout = 18;

    /// <param name="socket">Not connected yet.</param>
    /// <param name="hangTimeout">How long the client itself bears with a silent peer.</param>
    internal static void Set(Socket socket, TimeSpan hangTimeout)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);

            // Without it the kernel resends for some 15 minutes before it tells that nobody acknowledges.
            if (OperatingSystem.IsLinux())
            {
                int milliseconds = (int)Math.Min(int.MaxValue, hangTimeout.TotalMilliseconds);
                socket.SetRawSocketOption(IpProtocolTcp, TcpUserTimeout, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in milliseconds)));
            }
        }
        catch (SocketException)
        {
            // A platform without these options keeps its own defaults; keep-alive itself is on.
        }
    }
}
