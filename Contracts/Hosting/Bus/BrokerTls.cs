using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MassTransit;
using RabbitMQ.Client;

namespace CpfPipeline.Hosting.Bus;

/// <summary>How a connection to RabbitMQ is encrypted.</summary>
/// <param name="ServerName">Name that the server's certificate must bear.</param>
/// <param name="Rule">Whether the certificate is believed.</param>
/// <param name="Own">The client's certificate with its key; null when it has none.</param>
public sealed record BrokerTls(string ServerName, ServerCertificateRule Rule, X509Certificate2? Own)
{
    private const SslPolicyErrors Any = SslPolicyErrors.RemoteCertificateChainErrors
        | SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable;

    /// <summary>Takes out of a query what concerns certificates.</summary>
    /// <returns>Null for <c>amqp://</c>.</returns>
    /// <exception cref="SettingException">
    /// A file cannot be read, or <c>amqp://</c> was given certificates: it would send the password unencrypted.
    /// </exception>
    internal static BrokerTls? Take(Uri uri, Dictionary<string, string> query)
    {
        query.Remove("cacertfile", out var authorities);
        query.Remove("server_name_indication", out var name);
        query.Remove("certfile", out var certificate);
        query.Remove("keyfile", out var key);
        if (uri.Scheme == "amqps")
        {
            return new(name ?? uri.IdnHost, ServerCertificateRule.FromFile(authorities), OwnOf(certificate, key));
        }

        return (authorities ?? name ?? certificate ?? key) is null
            ? null
            : throw new SettingException(
                "The address of RabbitMQ names certificates, but begins with amqp://, which is not encrypted. Begin it with amqps://.");
    }

    /// <summary>For RabbitMQ's own client.</summary>
    internal SslOption Option() => new(ServerName, enabled: true)
    {
        Version = SslProtocols.None, // The machine's choice: TLS 1.2 or newer.
        AcceptablePolicyErrors = SslPolicyErrors.None,
        CertificateValidationCallback = Rule.Accepts,
        Certs = Own is null ? null : [Own],
    };

    /// <summary>For MassTransit, which accepts any name when it is told none.</summary>
    internal void Configure(IRabbitMqSslConfigurator ssl)
    {
        ssl.ServerName = ServerName;
        ssl.Protocol = SslProtocols.None;
        ssl.EnforcePolicyErrors(Any);
        ssl.CertificateValidationCallback = Rule.Accepts;
        ssl.Certificate = Own;
    }

    private static X509Certificate2? OwnOf(string? certificate, string? key)
    {
        if (certificate is null)
        {
            return null;
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The certificate {certificate} with its key cannot be read: {e.Message}");
        }
    }
}
