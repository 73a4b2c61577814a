using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Api;

public sealed class TrainerDescriptionTests(TestDatabases databases, TestBroker broker)
{
    [Fact]
    public async Task Answers_EveryGet_AreAsDescribed()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        await using var trainer = await TrainerProcess.StartAsync(
            harness, await broker.CreateHostAsync(TestContext.Current.CancellationToken));
        var description = await ApiDescription.ReadAsync(trainer.Client);
        using var asked = await trainer.PostAsync("/trainings", key: "a key");
        var url = asked.Headers.Location!.ToString();
        await description.CompareAsync("/trainings", "post", asked);
        await trainer.EndOfAsync(url);

        Assert.NotEmpty((await description.GetAsync("/trainings")).AsArray());
        await description.GetAsync("/trainings/{runId}", url);
        await description.GetAsync("/trainings/{runId}/report.json", url + "/report.json");
        Assert.NotEmpty((await description.GetAsync("/models")).AsArray());
        description.AssertAllAsked("/trainings/{runId}/report", "/models/{modelId}/files/{name}"); // A page, and files.
    }
}
