using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>A certificate authority of a test's own.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly X509Certificate2 _root;
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-tls-").FullName;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(1));
        File = Write("authority.pem", _root.ExportCertificatePem());
    }

    /// <summary>PEM file of the authority's own certificate.</summary>
    public string File { get; }

    /// <summary>A server's certificate with its key.</summary>
    /// <param name="name">DNS name or address in it.</param>
    /// <param name="expired">Whether it ended yesterday.</param>
    public X509Certificate2 Issue(string name, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var from = Now.AddYears(-1);
        using var issued = request.Create(
            _root, from, expired ? Now.AddDays(-1) : Now.AddMonths(6), Guid.NewGuid().ToByteArray());
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>What a server at a name would show.</summary>
    public X509Certificate2 Issue(string name, ServerProof proof)
    {
        if (proof != ServerProof.UnknownAuthority)
        {
            return Issue(proof == ServerProof.OtherName ? "other.test" : name, proof == ServerProof.Expired);
        }

        using var other = new TestAuthority();
        return other.Issue(name);
    }

    /// <summary>A server's certificate and its key as two PEM files.</summary>
    public (string Certificate, string Key) IssueFiles(string name)
    {
        using var issued = Issue(name);
        using var key = issued.GetECDsaPrivateKey()!;
        return (Write($"{name}.pem", issued.ExportCertificatePem()), Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
