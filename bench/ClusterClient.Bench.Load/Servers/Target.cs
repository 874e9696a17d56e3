// The server or servers under load, as every contender needs to know them.
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ClusterClient.Bench.Load;

internal sealed record Node(string Host, int Port)
{
    public override string ToString() => $"{Host}:{Port}";
}

/// <param name="Description">What it is, for the report: kind, version, shape.</param>
/// <param name="Masters">The nodes that own data.</param>
/// <param name="IsCluster">Whether keys are spread over the masters by slot.</param>
/// <param name="CaPath">The file of the authority to trust, in PEM; connections are TLS then. Null: plain TCP.</param>
internal sealed record Target(string Description, IReadOnlyList<Node> Masters, bool IsCluster, string? CaPath)
{
    /// <summary>The nodes that hold a copy of what the one master has.</summary>
    public IReadOnlyList<Node> Replicas { get; init; } = [];

    public bool IsTls => CaPath is not null;

    public string Endpoints => string.Join(',', Masters);

    public async Task<Stream> OpenAsync(Node node, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(node.Host, node.Port, cancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (CaPath is null) return stream;

            var encrypted = new SslStream(stream);
            await encrypted.AuthenticateAsClientAsync(PrivateTrust.Options(node, CaPath), cancellationToken);
            return encrypted;
        }
        catch (Exception failure) when (failure is SocketException or AuthenticationException or IOException)
        {
            socket.Dispose();
            throw new IOException($"Cannot connect to {node}{(IsTls ? " with TLS" : "")}: {failure.Message}", failure);
        }
    }
}
