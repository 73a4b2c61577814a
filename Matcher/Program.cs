using CpfPipeline.Hosting;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Api;
using CpfPipeline.Matcher.Consumers;
using MassTransit;

var builder = ServiceHost.CreateBuilder("Matcher", args);
builder.Services.AddMatcher();
builder.AddBus(bus =>
{
    bus.AddConsumer<ContentsEmbeddedConsumer, ContentsEmbeddedConsumerDefinition>();
    bus.AddConsumer<ContentReleasedConsumer, ContentReleasedConsumerDefinition>();
    bus.AddConsumer<ModelActivatedConsumer, ModelActivatedConsumerDefinition>();
});
var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.MapHealth();
app.MapOpenApi();
app.MapMatcher();
await app.RunAsync();
