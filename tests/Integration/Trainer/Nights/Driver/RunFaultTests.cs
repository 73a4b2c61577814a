using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

/// <summary>Runs that meet broken infrastructure, which is waited for, or a bug, which ends them.</summary>
public sealed class RunFaultTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drive_BrokenInfrastructure_IsTriedAgainAndNotTheEnd()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Fails = () => new IOException("no space left on device");
        var run = await harness.StartAsync();

        await Assert.ThrowsAsync<IOException>(() => harness.Driver().DriveAsync(Token));
        Assert.Equal(TrainingRunState.Running, (await harness.Runs.FindAsync(run.RunId, Token))!.State);
        harness.Builder.Fails = null;
        await harness.DriveAsync();

        Assert.Equal(TrainingRunState.Finished, (await harness.Runs.FindAsync(run.RunId, Token))!.State);
    }

    [Fact]
    public async Task Drive_InfrastructureBrokenForLong_IsNeverCountedAsABug()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await BreakWritesOfAsync(harness, "cpf.models");
        var run = await harness.StartAsync();
        var driver = harness.Driver();

        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAsync<PostgresException>(() => driver.DriveAsync(Token));
        }

        Assert.Equal(TrainingRunState.Running, (await harness.Runs.FindAsync(run.RunId, Token))!.State);
    }

    [Fact]
    public async Task Drive_BrokenWithinAStep_DoesThatStepAgain()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        await BreakWritesOfAsync(harness, "cpf.embeddings");
        var run = await harness.StartAsync();

        // The second driver finds the step begun and not finished, and is at it again.
        for (var i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<PostgresException>(harness.DriveAsync);
            Assert.Equal(TrainingRunStep.ShadowEmbed, (await harness.Runs.FindAsync(run.RunId, Token))!.Step);
        }

        await harness.Database.ExecuteAsync("drop trigger crash on cpf.embeddings");

        await harness.DriveAsync();

        var ended = (await harness.Runs.FindAsync(run.RunId, Token))!;
        Assert.Equal((TrainingRunState.Finished, 1), (ended.State, harness.Builder.Calls));
        Assert.Equal(100L, await harness.EmbeddedAsync(ended.ModelId!.Value));
    }

    [Fact]
    public async Task Drive_CrashBeforeTheCandidateIsRegistered_RegistersItWithoutReadingTheReport()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        await BreakWritesOfAsync(harness, "cpf.models");
        var run = await harness.StartAsync();
        await Assert.ThrowsAsync<PostgresException>(() => harness.Driver().DriveAsync(Token));
        await harness.Database.ExecuteAsync("drop trigger crash on cpf.models");
        await harness.Database.ExecuteAsync("update cpf.training_runs set report = report - 'candidate' - 'run_id'");

        await harness.DriveAsync();

        var ended = (await harness.Runs.FindAsync(run.RunId, Token))!;
        Assert.Equal((TrainingRunState.Finished, 1), (ended.State, harness.Builder.Calls));
        Assert.Equal(
            run.RunId, await harness.Database.ScalarAsync<Guid>("select run_id from cpf.models where model_id = $1", ended.ModelId!.Value));
    }

    [Fact]
    public async Task Drive_BugInTheEnding_FailsAfterThreeTriesAndTheNextRunHasItsTurn()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await PlantBugInTheEndingAsync(harness);
        var run = await harness.StartAsync();
        var driver = harness.Driver();

        await Assert.ThrowsAsync<PostgresException>(() => driver.DriveAsync(Token));
        await Assert.ThrowsAsync<PostgresException>(() => driver.DriveAsync(Token));
        await driver.DriveAsync(Token);

        var ended = (await harness.Runs.FindAsync(run.RunId, Token))!;
        Assert.Equal(TrainingRunState.Failed, ended.State);
        Assert.Contains("given up after 3 tries", ended.Message, StringComparison.Ordinal);
        Assert.Contains("no model steps back here", ended.Message, StringComparison.Ordinal);
        Assert.Single(await harness.AnswersAsync(run.RunId));
        harness.Builder.TooLittle = "no keys";
        Assert.Equal(TrainingRunState.TooLittleData, (await harness.RunAsync()).State);
    }

    [Fact]
    public async Task Drive_BugsOfAnEarlierRun_AreNotCountedForTheNext()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await PlantBugInTheEndingAsync(harness);
        var driver = harness.Driver();
        await harness.StartAsync();
        await Assert.ThrowsAsync<PostgresException>(() => driver.DriveAsync(Token));
        await Assert.ThrowsAsync<PostgresException>(() => driver.DriveAsync(Token));
        await harness.Database.ExecuteAsync("alter table cpf.models disable trigger refuse");
        await driver.DriveAsync(Token);
        await harness.Database.ExecuteAsync("alter table cpf.models enable trigger refuse");

        var next = await harness.StartAsync();
        await Assert.ThrowsAsync<PostgresException>(() => driver.DriveAsync(Token));

        Assert.Equal(TrainingRunState.Running, (await harness.Runs.FindAsync(next.RunId, Token))!.State);
    }

    [Fact]
    public async Task Drive_ModelThatCannotBeGrouped_EndsTheRunAndTheNextOneBegins()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database) { Unfit = "cannot be grouped: tile 2 was never written" };

        var run = await harness.RunAsync();

        Assert.Equal((TrainingRunState.Failed, TrainingRunStep.Join), (run.State, run.Step));
        Assert.EndsWith("It cannot be grouped: tile 2 was never written", run.Message, StringComparison.Ordinal);
        Assert.Equal("refused", await harness.StateOfAsync(run.ModelId!.Value));
        matcher.Unfit = null;
        Assert.Equal(TrainingRunState.Finished, (await harness.RunAsync()).State);
    }

    // As when the server goes down at a write.
    private static async Task BreakWritesOfAsync(RunHarness harness, string table)
    {
        await harness.Database.ExecuteAsync(
            "create function cpf.crash() returns trigger language plpgsql as $$ begin raise 'gone' using errcode = '57P01'; end $$");
        await harness.Database.ExecuteAsync($"create trigger crash before insert on {table} for each row execute function cpf.crash()");
    }

    // The candidate does not pass, and cannot be refused.
    private static async Task PlantBugInTheEndingAsync(RunHarness harness)
    {
        await harness.Database.ExecuteAsync(
            "create function cpf.refuse() returns trigger language plpgsql as $$ begin raise 'no model steps back here'; end $$");
        await harness.Database.ExecuteAsync(
            "create trigger refuse before update on cpf.models for each row when (new.state = 'refused') execute function cpf.refuse()");
        harness.Builder.Passes = false;
    }
}
