using MassTransit;
using RabbitMQ.Client;

namespace CpfPipeline.Hosting.Bus;

/// <summary>Where RabbitMQ is, and how it is reached safely.</summary>
/// <param name="Uri"><c>amqp(s)://user:password@host:port/vhost</c>, without what only concerns certificates.</param>
/// <param name="Tls">How the server proves who it is; null for <c>amqp://</c>.</param>
public sealed record BrokerAddress(Uri Uri, BrokerTls? Tls)
{
    /// <summary>
    /// Reads <c>amqp(s)://user:password@host:port/vhost</c> with the query that RabbitMQ's own clients know: <c>cacertfile</c> (authorities
    /// in PEM), <c>server_name_indication</c> (the name in the certificate), <c>certfile</c> and <c>keyfile</c> (the client's own).
    /// </summary>
    /// <exception cref="SettingException">The text is no such address, or a file in it cannot be read.</exception>
    public static BrokerAddress Read(string text)
    {
        // The text holds a password: no message repeats it.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            throw new SettingException("The address of RabbitMQ is not of the form amqp(s)://user:password@host:port/vhost.");
        }

        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            query[at < 0 ? pair : pair[..at]] = at < 0 ? "" : Uri.UnescapeDataString(pair[(at + 1)..]);
        }

        var tls = BrokerTls.Take(uri, query);
        var rest = string.Join('&', query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));
        return new(new UriBuilder(uri) { Query = rest }.Uri, tls);
    }

    /// <summary>Makes connections of RabbitMQ's own client.</summary>
    /// <param name="name">Shown by the broker.</param>
    public ConnectionFactory Factory(string name)
    {
        var factory = new ConnectionFactory { Uri = Uri, AutomaticRecoveryEnabled = false, ClientProvidedName = name };
        if (Tls is not null)
        {
            factory.Ssl = Tls.Option();
        }

        return factory;
    }

    /// <summary>Lets MassTransit connect to it.</summary>
    public void Configure(IRabbitMqBusFactoryConfigurator rabbit) => rabbit.Host(Uri, host =>
    {
        host.PublisherConfirmation = true;
        if (Tls is not null)
        {
            host.UseSsl(Tls.Configure);
        }
    });
}
