namespace CpfPipeline.Hosting.Bus;

/// <summary>Where RabbitMQ is.</summary>
/// <param name="Uri"><c>amqp(s)://user:password@host:port/vhost</c>.</param>
internal sealed record BrokerAddress(Uri Uri);
