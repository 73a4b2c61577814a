using CpfPipeline.Hosting.Settings;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Bus;

/// <summary>Registers MassTransit over RabbitMQ with the policies of the pipeline.</summary>
public static class BusRegistration
{
    /// <summary>Adds the bus. Consumers name their queue in their <c>ConsumerDefinition</c> (see <see cref="Topology"/>).</summary>
    public static void AddBus(this WebApplicationBuilder builder, Action<IBusRegistrationConfigurator> consumers)
    {
        var address = BrokerAddress.Read(RequiredSetting.Read(builder.Configuration, "ConnectionStrings:RabbitMq"));

        // Hosted services start in the order of registration: the topology is declared before the bus may publish.
        builder.Services.AddSingleton(address);
        builder.Services.AddSingleton<TopologyDeclaration>();
        builder.Services.AddSingleton<IQueueLengths>(services => services.GetRequiredService<TopologyDeclaration>());
        builder.Services.AddHostedService(services => services.GetRequiredService<TopologyDeclaration>());
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = true;
            options.StartTimeout = TimeSpan.FromMinutes(1);
            options.StopTimeout = ServiceShutdown.BusPatience;
        });
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            consumers(bus);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                address.Configure(rabbit);
                rabbit.ConfigureEndpoints(context);
            });
        });
    }
}
