using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Whether a server's certificate is believed: it must bear the server's name, be valid now, and come from a known authority.
/// </summary>
/// <param name="authorities">The only authorities that count; none: those of the machine.</param>
public sealed class ServerCertificateRule(X509Certificate2Collection authorities)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The rule with the authorities of a PEM file, or with those of the machine.</summary>
    /// <param name="path">A file with one certificate or more; null: the machine's.</param>
    /// <exception cref="SettingException">The file cannot be read or holds no certificate.</exception>
    public static ServerCertificateRule FromFile(string? path)
    {
        var authorities = new X509Certificate2Collection();
        if (path is null)
        {
            return new(authorities);
        }

        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The file of certificate authorities {path} cannot be read: {e.Message}");
        }

        return authorities.Count > 0
            ? new(authorities)
            : throw new SettingException($"The file {path} holds no certificate in PEM.");
    }

    /// <summary>The decision, in the form that TLS libraries of .NET ask for.</summary>
    /// <param name="sender">Not used.</param>
    /// <param name="certificate">The server's.</param>
    /// <param name="chain">As the machine would complete it; it holds what the server sent along.</param>
    /// <param name="errors">What the machine objects to.</param>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        return authorities.Count == 0 ? errors == SslPolicyErrors.None : ComesFromThem(certificate, chain);
    }

    private bool ComesFromThem(X509Certificate certificate, X509Chain? chain)
    {
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // An authority of one's own seldom publishes lists.
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        }

        using var server = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(server);
    }
}
