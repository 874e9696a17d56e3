// The certificate authority and certificates of one TLS topology.
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ClusterClient.Testing;

/// <summary>
/// A certificate authority made for one topology, with a server certificate for 127.0.0.1, ::1 and localhost and a client certificate.
/// Valid for a day; nothing is put into the system's stores. The files live as long as the topology.
/// </summary>
public sealed class LocalTls : IDisposable
{
    private readonly X509Certificate2 _server;

    private LocalTls(X509Certificate2 authority, X509Certificate2 server, X509Certificate2 client, string folder)
    {
        CaCertificate = authority;
        _server = server;
        ClientCertificate = client;
        CaPath = Write(folder, "ca.crt", authority.ExportCertificatePem());
        ServerCertificatePath = Write(folder, "server.crt", server.ExportCertificatePem());
        ServerKeyPath = Write(folder, "server.key", Key(server));
        ClientCertificatePath = Write(folder, "client.crt", client.ExportCertificatePem());
        ClientKeyPath = Write(folder, "client.key", Key(client));
    }

    /// <summary>The authority's certificate, without its key: what a client is to trust.</summary>
    public X509Certificate2 CaCertificate { get; }

    /// <summary>A certificate with its key that the servers accept from a client.</summary>
    public X509Certificate2 ClientCertificate { get; }

    /// <summary>The path of <see cref="CaCertificate"/> in PEM.</summary>
    public string CaPath { get; }

    /// <summary>The path of <see cref="ClientCertificate"/> in PEM, without its key.</summary>
    public string ClientCertificatePath { get; }

    /// <summary>The path of the key of <see cref="ClientCertificate"/> in PEM.</summary>
    public string ClientKeyPath { get; }

    internal string ServerCertificatePath { get; }

    internal string ServerKeyPath { get; }

    /// <summary>Releases the certificates; the topology does it at its own end.</summary>
    public void Dispose()
    {
        CaCertificate.Dispose();
        _server.Dispose();
        ClientCertificate.Dispose();
    }

    internal static LocalTls Create(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ClusterClient.Testing authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new LocalTls(
            X509CertificateLoader.LoadCertificate(authority.RawData),
            Issue(authority, "CN=localhost"), Issue(authority, "CN=client"), folder);
    }

    /// <summary>Options with which a client trusts this authority alone and shows the client certificate.</summary>
    /// <param name="host">The name or address the client dials.</param>
    public SslClientAuthenticationOptions ClientOptions(string host)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(CaCertificate);
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateChainPolicy = policy,
            ClientCertificates = [ClientCertificate],
        };
    }

    // Nodes are servers to clients and clients to each other, so one certificate serves both ends.
    private static X509Certificate2 Issue(X509Certificate2 authority, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, new DateTimeOffset(authority.NotBefore), new DateTimeOffset(authority.NotAfter), RandomNumberGenerator.GetBytes(12));
        return certificate.CopyWithPrivateKey(key);
    }

    private static string Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }
}
