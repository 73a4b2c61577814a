using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Services;
using CpfPipeline.Cli.Status;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Status;

public sealed class PipelineCountsTests(TestDatabases databases)
{
    [Fact]
    public async Task Status_ImagesThatNoMatcherTook_IsNotExactAndSaysHowMany()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("shop", "a", 1);
        await catalogue.StoreAsync("shop", "b", 2);
        await catalogue.GroupAsync(1, pending: false, reconciled: true, 1);

        var status = await StatusAsync(database);
        Assert.Equal((0, 0, 1), (status.Pending, status.Unreconciled, status.Unmatched));
        Assert.Equal(Exactness.InexactWord, status.Exactness);
        Assert.Equal(["1 unmatched"], status.ExactnessReasons);

        await catalogue.GroupAsync(2, pending: false, reconciled: true, 2);
        Assert.Equal(Exactness.ExactWord, (await StatusAsync(database)).Exactness);
    }

    [Fact]
    public async Task Status_ImageToBeFetchedOrMessageToPublish_IsNotExact()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.ReceiveAsync("shop", "a");
        await database.ExecuteAsync("insert into cpf.outbox (type, payload) values ('ContentReleased', '{}')");

        Assert.Equal(["1 unmatched", "1 messages to publish"], (await StatusAsync(database)).ExactnessReasons);
    }

    [Fact]
    public async Task Status_ModelThatIsToTakeOver_SaysHowFarItsGroupsAre()
    {
        await using var database = await databases.CreateAsync();
        await new Catalogue(database).ActivateModelAsync();
        Assert.Null((await StatusAsync(database)).Handover);

        await database.ExecuteAsync(
            """
            insert into cpf.models (head_id, threshold, state, parent_model_id)
            select head_id, threshold, 'shadow', model_id from cpf.models where state = 'active'
            """);
        await database.ExecuteAsync(
            """
            insert into cpf.model_preparations (model_id, wanted, progress, message)
            select model_id, 'groups', 0.25, 'compares contents: 5 of 20 tiles' from cpf.models where state = 'shadow'
            """);

        var handover = (await StatusAsync(database)).Handover!;
        Assert.Equal(("groups", 0.25, "compares contents: 5 of 20 tiles"), (handover.Wanted, handover.Progress, handover.Message));
    }

    // The broker's queues are empty; the Matcher does not run.
    private static async Task<StatusReport> StatusAsync(TestDatabase database)
    {
        var embedder = HealthReport.Parse(true, """{"queues": {"cpf.contents-embedded": 0}}""");
        return StatusReport.Of(
            [(new("Embedder", true, null, "", 1, []), embedder), (new("Matcher", false, null, "", null, []), HealthReport.None)],
            await PipelineCounts.ReadAsync(database.DataSource, CancellationToken.None));
    }
}
