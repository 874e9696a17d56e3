// Opens the transport to one endpoint: TCP, a Unix socket, TLS on top.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ClusterClient.Configuration;

namespace ClusterClient.Connections;

/// <summary>Opens transports. A host name is resolved anew each time, and its addresses are all tried.</summary>
internal static class Dialer
{
    /// <summary>Opens a transport; what goes wrong comes through as the platform says it.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="settings">How.</param>
    /// <param name="attempt">How many attempts in a row have failed: a name's addresses take turns at being the first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async ValueTask<Transport> DialAsync(NodeEndpoint endpoint, ClientSettings settings, int attempt, CancellationToken cancellationToken)
    {
        Socket socket = await ConnectAsync(endpoint, settings, attempt, cancellationToken).ConfigureAwait(false);
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

    private static async ValueTask<Socket> ConnectAsync(NodeEndpoint endpoint, ClientSettings settings, int attempt, CancellationToken cancellationToken)
    {
        if (endpoint.IsUnixSocket) return await ConnectUnixAsync(endpoint, cancellationToken).ConfigureAwait(false);

        // Asked for at each attempt: a name may stand for other addresses by now.
        IPAddress[] addresses = IPAddress.TryParse(endpoint.Host, out IPAddress? address)
            ? [address]
            : await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.NoData);
        return await AddressRace.ConnectAsync(addresses, attempt, endpoint.Port, family => CreateTcp(family, settings), cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<Socket> ConnectUnixAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Host), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket CreateTcp(AddressFamily family, ClientSettings settings)
    {
        // Pipelined commands are small and already batched: Nagle's delay would only add to their latency.
        Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        DeadPeerOptions.Set(socket, settings.HangTimeout);
        return socket;
    }
}
