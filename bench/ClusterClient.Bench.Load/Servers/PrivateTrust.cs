// Trust in one certificate authority alone: the one that was made for the servers under load.
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClusterClient.Bench.Load;

internal static class PrivateTrust
{
    public static SslClientAuthenticationOptions Options(Node node, string caPath) =>
        new() { TargetHost = node.Host, CertificateChainPolicy = Policy(caPath) };

    /// <summary>The same trust for clients that take a callback.</summary>
    public static RemoteCertificateValidationCallback Validation(string caPath) => (_, certificate, _, errors) =>
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var chain = new X509Chain { ChainPolicy = Policy(caPath) };
        using var copy = new X509Certificate2(certificate);
        return chain.Build(copy);
    };

    private static X509ChainPolicy Policy(string caPath)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caPath);
        return policy;
    }
}
