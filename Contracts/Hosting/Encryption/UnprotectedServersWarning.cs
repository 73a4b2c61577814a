using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Schema;
using CpfPipeline.Hosting.Bus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Encryption;

/// <summary>Tells at the start which connections are not protected, once.</summary>
internal sealed class UnprotectedServersWarning(
    IConfiguration configuration, ILogger<UnprotectedServersWarning> logger, BrokerAddress? broker = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var postgres = configuration[$"ConnectionStrings:{PostgresDataSource.ConnectionStringName}"] ?? "";
        var bucket = configuration[$"{ObjectStoreOptions.Section}:{nameof(ObjectStoreOptions.Endpoint)}"] ?? "";
        foreach (var warning in UnprotectedServers.Of(postgres, broker, configuration["Urls"] ?? "", bucket))
        {
            Log.ServerUnprotected(logger, warning);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
