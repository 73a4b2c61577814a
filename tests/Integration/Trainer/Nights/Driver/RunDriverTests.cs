using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

public sealed class RunDriverTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drive_Training_ActivatesTheCandidateAndPublishesOnce()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);

        var run = await harness.RunAsync();

        Assert.Equal((TrainingRunState.Finished, TrainingRunStep.Activate, 1f), (run.State, run.Step, run.Progress));
        Assert.Equal("active", await harness.StateOfAsync(run.ModelId!.Value));
        Assert.Equal("retired", await harness.StateOfAsync(harness.First.ModelId));
        Assert.Equal(harness.First.ModelId, run.BaseModelId);
        Assert.Equal("snapshot 1", run.SnapshotId);
        Assert.Contains("splits", run.DataJson, StringComparison.Ordinal);
        var (json, html) = await harness.Runs.ReadReportAsync(run.RunId, Token);
        Assert.Contains(run.RunId.ToString(), json, StringComparison.Ordinal);
        Assert.Contains("a report", html, StringComparison.Ordinal);
        Assert.Equal(100L, await harness.EmbeddedAsync(run.ModelId.Value));
        var steps = await harness.Runs.ReadStepsAsync(run.RunId, Token);
        Assert.Equal(RunPlan.StepsOf(run.Kind).Order(), steps.Select(s => s.Step).Order());
        Assert.All(steps, s => Assert.NotNull(s.FinishedAt));
        var answer = Assert.Single(await harness.AnswersAsync(run.RunId));
        Assert.Contains("\"finished\"", answer, StringComparison.Ordinal);
        Assert.False(Directory.Exists(harness.Settings.WorkFolderOf(run.RunId)));
    }

    [Fact]
    public async Task Drive_GateRefuses_KeepsReportAndReasonAndTheActiveModel()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.Passes = false;

        var run = await harness.RunAsync();

        Assert.Equal(TrainingRunState.Refused, run.State);
        Assert.Contains("F1 0.100", run.Message, StringComparison.Ordinal);
        Assert.True(run.HasReport);
        Assert.Equal("refused", await harness.StateOfAsync(run.ModelId!.Value));
        Assert.Equal("active", await harness.StateOfAsync(harness.First.ModelId));
        Assert.False(await harness.Database.ScalarAsync<bool>(
            "select to_regclass('cpf.embeddings_h' || head_id) is not null from cpf.models where model_id = $1", run.ModelId!.Value));
        var listed = await harness.List.FindAsync(run.ModelId!.Value, Token);
        Assert.Equal((run.Message, .9, .85, .94, "training", false),
            (listed!.Reason, listed.F1, listed.F1Low, listed.F1High, listed.Kind, listed.IsReady));
    }

    [Fact]
    public async Task Drive_TooLittleData_IsAnOutcomeOfItsOwn()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.TooLittle = "3 classes have two contents or more, 10 are needed";

        var run = await harness.RunAsync();

        Assert.Equal((TrainingRunState.TooLittleData, harness.Builder.TooLittle, null), (run.State, run.Message, run.ModelId));
        Assert.Equal("snapshot 1", run.SnapshotId);
    }

    [Fact]
    public async Task Drive_BuilderFails_FailsWithThePlainMessage()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.Fails = () => new NotSupportedException("no such operator");

        var run = await harness.RunAsync();

        Assert.Equal(TrainingRunState.Failed, run.State);
        Assert.Contains("no such operator", run.Message, StringComparison.Ordinal);
        Assert.Single(await harness.AnswersAsync(run.RunId));
    }

    [Fact]
    public async Task Drive_MoreChurnThanAllowed_IsRefusedAndTheDiffReadable()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database, groups: 7);
        await harness.Database.ExecuteAsync("update cpf.models set is_imported = true");
        harness.Settings.MaxChurn = .2;

        var run = await harness.RunAsync();

        Assert.Equal(TrainingRunState.Refused, run.State);
        Assert.Contains("churn", run.Message, StringComparison.Ordinal);
        Assert.Equal("refused", await harness.StateOfAsync(run.ModelId!.Value));
        Assert.Equal(100L, await harness.Database.ScalarAsync<long>(
            "select count(*) from cpf.model_changes where model_id = $1 and kind = 'moved'", run.ModelId.Value));
        Assert.Equal(
            1.0, await harness.Database.ScalarAsync<double>("select churn from cpf.model_diffs where model_id = $1", run.ModelId.Value));
        Assert.Equal(
            0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.group_members where model_id = $1", run.ModelId.Value));
    }

    [Fact]
    public async Task Drive_FirstNight_MayChangeEveryGroup()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database, groups: 7);
        harness.Settings.MaxChurn = 0;

        var first = await harness.RunAsync();
        matcher.Groups = 9;
        var second = await harness.RunAsync();

        Assert.Equal((TrainingRunState.Finished, TrainingRunState.Refused), (first.State, second.State));
    }

    [Fact]
    public async Task Drive_Threshold_TakesTheActiveHeadAndEmbedsNothing()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);

        var run = await harness.RunAsync(new RunOrder(TrainingRunKind.Threshold, .99));

        Assert.Equal(TrainingRunState.Finished, run.State);
        Assert.Equal(.99, harness.Builder.LastRequest!.TargetPrecision);
        Assert.Equal(harness.First.HeadId,
            await harness.Database.ScalarAsync<long>("select head_id from cpf.models where model_id = $1", run.ModelId!.Value));
        Assert.DoesNotContain(
            await harness.Runs.ReadStepsAsync(run.RunId, Token), s => s.Step is TrainingRunStep.ShadowEmbed or TrainingRunStep.Index);
        Assert.Equal("threshold", (await harness.List.FindAsync(run.ModelId.Value, Token))!.Kind);
    }

    [Fact]
    public async Task Drive_Rollback_CatchesUpTheModelOfBeforeAndMakesItActive()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database, groups: 7) { Groups = 7 };
        harness.Settings.MaxChurn = 1;
        var night = await harness.RunAsync();
        harness.Settings.MaxChurn = 0;
        await harness.AddContentsAsync(1001, 5);

        var run = await harness.RunAsync(RunOrder.Rollback);

        Assert.Equal((TrainingRunState.Finished, harness.First.ModelId), (run.State, run.ModelId));
        Assert.Equal("active", await harness.StateOfAsync(harness.First.ModelId));
        Assert.Equal("retired", await harness.StateOfAsync(night.ModelId!.Value));
        Assert.Equal(105L, await harness.EmbeddedAsync(harness.First.ModelId));
        Assert.Equal(1, harness.Builder.Calls);
    }

    [Fact]
    public async Task Drive_SeveralNights_KeepTwoRetiredModelsReady()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        for (var night = 0; night < 4; night++)
        {
            Assert.Equal(TrainingRunState.Finished, (await harness.RunAsync()).State);
        }

        var models = await harness.List.ReadAllAsync(Token);
        Assert.Equal([true, true, true, false, false], models.Select(m => m.IsReady));
        var old = await harness.RunAsync(new RunOrder(TrainingRunKind.Activation, ModelId: models[^1].ModelId));
        Assert.Equal(TrainingRunState.Finished, old.State);
        Assert.Equal(100L, await harness.EmbeddedAsync(models[^1].ModelId));
    }
}
