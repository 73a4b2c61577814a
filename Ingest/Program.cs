using CpfPipeline.Hosting;
using CpfPipeline.Ingest;
using MassTransit;

var builder = ServiceHost.CreateBuilder("Ingest", args);
builder.AddIngest();
builder.AddBus(bus =>
{
    bus.AddConsumer<SubmitImageConsumer, SubmitImageConsumerDefinition>();
    bus.AddConsumer<RetractImageConsumer, RetractImageConsumerDefinition>();
});
var app = builder.Build();
app.MapHealth();
app.MapIngest();
await app.RunAsync();
