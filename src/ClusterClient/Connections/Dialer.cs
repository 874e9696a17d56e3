// Opens the transport to one endpoint: TCP, a Unix socket, TLS on top.
using System.Net.Security;
using System.Net.Sockets;
using ClusterClient.Configuration;

namespace ClusterClient.Connections;

/// <summary>Opens transports. A host name's addresses are all tried, in the order in which the resolver gives them.</summary>
internal static class Dialer
{
    /// <summary>Opens a transport; what goes wrong comes through as the platform says it.</summary>
    internal static async ValueTask<Transport> DialAsync(NodeEndpoint endpoint, ClientSettings settings, CancellationToken cancellationToken)
    {
        Socket socket = await ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
        if (!settings.Tls) return new SocketTransport(socket);
        NetworkStream network = new(socket, ownsSocket: true);
        SslStream secure = new(network, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.TlsServerName ?? endpoint.Host,
                    RemoteCertificateValidationCallback = settings.RemoteCertificateValidation,
                    ClientCertificates = settings.ClientCertificates,
                    CertificateRevocationCheckMode = settings.CheckCertificateRevocation
                        ? System.Security.Cryptography.X509Certificates.X509RevocationMode.Online
                        : System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
                },
                cancellationToken).ConfigureAwait(false);
            return new StreamTransport(secure);
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<Socket> ConnectAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        Socket socket = endpoint.IsUnixSocket
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.IsUnixSocket)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Host), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // Pipelined commands are small and already batched: Nagle's delay would only add to their latency.
                socket.NoDelay = true;
                SetKeepAlive(socket);
                await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken).ConfigureAwait(false);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void SetKeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        try
        {
            // The heartbeat finds a dead peer sooner; this serves connections whose process is suspended.
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        }
        catch (SocketException)
        {
            // A platform without these options keeps its own defaults; keep-alive itself is on.
        }
    }
}
