using CpfPipeline.Hosting.Bus;
using Npgsql;

namespace CpfPipeline.Hosting.Encryption;

/// <summary>Which connections somebody in between could read or answer. Pure.</summary>
internal static class UnprotectedServers
{
    /// <summary>What a service should warn of, a sentence each.</summary>
    /// <param name="postgres">Npgsql connection string.</param>
    /// <param name="broker">Where RabbitMQ is; null for a service without a bus.</param>
    /// <param name="urls">Addresses that the service listens on, with semicolons between.</param>
    /// <param name="bucket">Address of the store of the blobs; empty for AWS and for a folder.</param>
    public static IReadOnlyList<string> Of(string postgres, BrokerAddress? broker, string urls, string bucket = "")
    {
        var warnings = new List<string>();
        var database = new NpgsqlConnectionStringBuilder(postgres);
        var hosts = (database.Host ?? "").Split(',').Select(h => h.Trim()).Where(h => !IsWithinTheMachine(WithoutPort(h))).ToList();
        if (hosts.Count > 0 && database.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA))
        {
            warnings.Add(
                $"PostgreSQL at {string.Join(", ", hosts)} does not have to prove who it is: set SSL Mode=VerifyFull and Root Certificate");
        }

        if (broker is { Tls: null } && !IsWithinTheMachine(broker.Uri.Host))
        {
            warnings.Add($"RabbitMQ at {broker.Uri.Host} is reached without encryption: use amqps://");
        }

        if (bucket.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !IsWithinTheMachine(HostOf(bucket)))
        {
            warnings.Add($"the store of the blobs at {HostOf(bucket)} is reached without encryption: use https://");
        }

        warnings.AddRange(urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(u => u.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !IsWithinTheMachine(HostOf(u)))
            .Select(u => $"{u} takes keys without encryption: listen on https:// or behind a gateway that does"));
        return warnings;
    }

    private static bool IsWithinTheMachine(string host) =>
        host.Length == 0 || host[0] is '/' or '@' || host is "localhost" or "[::1]" or "::1"
        || host.StartsWith("127.", StringComparison.Ordinal);

    private static string WithoutPort(string host) =>
        host.Length > 0 && host[0] is not ('/' or '@') && host.Count(c => c == ':') == 1 ? host[..host.IndexOf(':')] : host;

    // Kestrel's addresses may have a host that no URI has: http://*:80, http://+:80.
    private static string HostOf(string url)
    {
        var rest = url["http://".Length..].Split('/')[0];
        return rest.StartsWith('[') ? rest[..(rest.IndexOf(']') + 1)] : rest.Split(':')[0];
    }
}
