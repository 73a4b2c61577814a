using CpfPipeline.Data.Outages;
using CpfPipeline.Ingest.Consumers;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Pressure;

/// <summary>With a nearly full disk everything that would fill it waits, and goes on where it was.</summary>
public sealed class FullDiskTests(TestDatabases databases)
{
    [Fact]
    public async Task Feed_DiskFullBeforeIt_WaitsAndIsReadWhollyAfterwards()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        for (var i = 0; i < 5; i++)
        {
            harness.Write($"feed/{i}.gif", TestPictures.Gif(i));
        }

        harness.Gate.Set(new IntakePressure(0, 0, 0.01));
        var feed = harness.RunFeedAsync(Path.Combine(harness.Folder, "in", "feed"), "folder");
        await Until.TrueAsync(
            async () => await harness.Database.ScalarAsync<long>("select count(*) from cpf.feeds where rows_total = 5") == 1);
        await Until.TrueAsync(async () => await MessageAsync(harness) is { } message
            && message.StartsWith("Waits: A disk that is written to is nearly full", StringComparison.Ordinal));
        Assert.Empty(await harness.StatesAsync());
        Assert.False(feed.IsCompleted);

        harness.Gate.Set(new IntakePressure(0, 0, 0.2));

        Assert.Equal("finished", (await feed).State);
        Assert.Equal(5, (await harness.StatesAsync()).Count(s => s.State == "stored"));
        Assert.Null(await MessageAsync(harness));
    }

    private static async Task<string?> MessageAsync(IngestHarness harness) =>
        (await harness.Database.QueryAsync("select message from cpf.feeds"))[0][0] as string;

    [Fact]
    public async Task Message_DiskFull_FailsAsAnOutageSoThatItWaits()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        harness.Gate.Set(new IntakePressure(0, 0, 0.01));

        var exception = await Assert.ThrowsAsync<FullDiskException>(
            () => new SubmitImageConsumer(harness.Intake, harness.Gate).Consume(null!));
        Assert.True(Outage.IsCertain(exception));
    }
}
