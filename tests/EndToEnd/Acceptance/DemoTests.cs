using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Acceptance;

/// <summary>
/// However the pipeline is put together, the demonstration ends with the same groups under the same model, night included. Each takes
/// minutes, so they run only when <c>CPF_ACCEPTANCE</c> is set.
/// </summary>
[Trait("run", "on demand")]
public sealed class DemoTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(60);
    private static readonly string[] Feeds = ["noto", "twemoji", "openmoji", "fluent", "reseller"];

    // The demonstration has some 6,000 contents: 13 blocks and 4 ranges.
    private static readonly Dictionary<string, string> InTiles = new()
    {
        ["Matcher__TilesAtContents"] = "1000", ["Matcher__TileBlockContents"] = "512", ["Matcher__TileRangeContents"] = "2048",
    };

    [Fact]
    public async Task Demo_PublishedServicesOnServersMadeByHand_EndsAsThePlainOne()
    {
        SkipUnlessAsked();
        var plain = await PlainDemo.PartitionAsync();
        await using var servers = await Stack.UpAsync();
        await using var pipeline = await PublishedPipeline.StartAsync(servers);
        await SubmitAsync(pipeline, await PlainDemo.FilesAsync());
        await TrainAsync(pipeline);
        var published = await DemoPartition.ReadAsync(pipeline.Postgres);
        await pipeline.EndAsync();
        AssertSame(plain, published, "published");
    }

    [Fact]
    public async Task Demo_TwoOfEachAndTwoJoinersInTiles_EndsAsThePlainOne()
    {
        SkipUnlessAsked();
        var plain = await PlainDemo.PartitionAsync();
        await using var stack = await Stack.UpAsync(InTiles, each: 2, joiners: 2);
        (await stack.RunAsync("demo")).Expect(0);
        var running = (await stack.StatusAsync()).GetProperty("services").EnumerateArray()
            .Where(s => s.GetProperty("healthy").GetBoolean()).Select(s => s.GetProperty("name").GetString()!).ToList();
        Assert.Equal(
            ["Embedder", "Embedder-2", "Ingest", "Ingest-2", "Joiner", "Joiner-2", "Matcher", "Matcher-2", "Trainer"],
            running.Order(StringComparer.Ordinal));
        var tiles = new Dictionary<string, int>();
        foreach (var name in running.Where(n => n[..6] is "Joiner" or "Matche"))
        {
            tiles[name] = await stack.TilesOfAsync(name);
        }

        output.WriteLine($"tiles: {string.Join(", ", tiles.Select(t => $"{t.Key} {t.Value}"))}");
        Assert.True(tiles["Joiner"] > 0 && tiles["Joiner-2"] > 0, "both joiners took tiles");
        AssertSame(plain, await DemoPartition.ReadAsync(stack.Postgres), "two of each");
    }

    private static void SkipUnlessAsked() =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CPF_ACCEPTANCE") is { Length: > 0 }, "takes minutes: set CPF_ACCEPTANCE=1");

    private void AssertSame(DemoPartition plain, DemoPartition other, string name)
    {
        output.WriteLine($"{"plain",-12} {plain}");
        output.WriteLine($"{name,-12} {other}");
        Assert.Equal(plain.Runs, other.Runs);
        Assert.Equal(plain.Model, other.Model);
        Assert.True(plain.Size > 500, "the demonstration has groups");
        Assert.Equal(plain.Groups, other.Groups);
    }

    private static async Task SubmitAsync(PublishedPipeline pipeline, string files)
    {
        foreach (var feed in Feeds)
        {
            await pipeline.PostAsync(
                "Ingest", "/feeds", JsonContent.Create(new { path = Path.Combine(files, feed + ".csv"), source = feed }));
        }

        await pipeline.UntilAsync(
            """
            select (select count(*) = 5 and bool_and(state = 'finished') from cpf.feeds)
               and not exists (select from cpf.image_status where status not in ('matched', 'placeholder', 'rejected'))
            """,
            "all pictures are matched", Patience);
        await pipeline.PostAsync("Matcher", "/reconcile");
        await pipeline.UntilAsync(
            """
            select not exists (
                select from cpf.group_members g join cpf.models m using (model_id)
                where m.state = 'active' and (g.pending or not g.reconciled))
            """,
            "the groups are exact", Patience);
    }

    private static async Task TrainAsync(PublishedPipeline pipeline)
    {
        var run = JsonDocument.Parse(await pipeline.PostAsync("Trainer", "/trainings", idempotencyKey: "demo")).RootElement;
        await pipeline.UntilAsync(
            $"select state not in ('queued', 'running') from cpf.training_runs where run_id = '{run.GetProperty("run_id").GetGuid()}'",
            "the night has ended", Patience);
    }
}
