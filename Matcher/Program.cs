using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Health;
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
    bus.AddConsumer<GiveVerdictConsumer, GiveVerdictConsumerDefinition>();
    bus.AddConsumer<VerdictGivenConsumer, VerdictGivenConsumerDefinition>();
});
var app = builder.Build();
app.UseFailureAnswers();
app.UseStatusCodePages();
app.MapHealth();
app.MapOpenApi();
app.MapMatcher();
app.MapVerdicts();
app.MapPlaceholders();
await app.RunAsync();
