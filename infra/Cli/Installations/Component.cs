namespace CpfPipeline.Cli.Installations;

/// <summary>Names of what listens: keys of the ports, of the process records and of the logs.</summary>
internal static class Component
{
    public const string Postgres = "postgres";
    public const string RabbitMq = "rabbitmq";

    /// <summary>Erlang's distribution port, which rabbitmqctl uses.</summary>
    public const string RabbitMqDistribution = "rabbitmq-distribution";
    public const string Epmd = "epmd";

    /// <summary>The HTTP port that rabbitmqadmin speaks to.</summary>
    public const string RabbitMqManagement = "rabbitmq-management";
}
