using CpfPipeline.Data.Schema;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

/// <summary>A driver dies at a chosen point; the next one ends the run the same, once.</summary>
public sealed class RunKillTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Points()
    {
        var points = new TheoryData<string>();
        foreach (var step in RunPlan.StepsOf(TrainingRunKind.Activation).Prepend(TrainingRunStep.BuildingSet))
        {
            points.Add($"before insert on cpf.training_steps for each row when (new.step = '{step}')");
            points.Add($"before update on cpf.training_steps for each row when (new.step = '{step}' and new.finished_at is not null)");
        }

        points.Add($"before insert on cpf.training_steps for each row when (new.step = '{TrainingRunStep.Gate}')");
        points.Add("after update on cpf.training_runs for each row when (new.report is not null and old.report is null)");
        points.Add("after insert on cpf.models for each row");
        points.Add("after update on cpf.training_runs for each row when (new.model_id is not null and old.model_id is null)");
        points.Add("after insert on cpf.embeddings for each row when (new.content_id = 50)");
        points.Add("after update on cpf.models for each row when (new.state = 'shadow')");
        points.Add("after insert on cpf.model_preparations for each row");
        points.Add("after insert on cpf.model_diffs for each row");
        points.Add("after insert on cpf.model_diff_contents for each row when (new.content_id = 30)");
        points.Add("before update on cpf.training_runs for each row when (new.state = 'finished')");
        points.Add("after insert on cpf.outbox for each row");
        return points;
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task Drive_DiesAtAPoint_TheNextDriverEndsItTheSameOnce(string point)
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Settings.MaxChurn = 1;
        await using var matcher = new PlayedMatcher(harness.Database, groups: 7);
        await DieAtAsync(harness, point);
        var run = await harness.StartAsync();

        var died = await Record.ExceptionAsync(() => harness.Driver().DriveAsync(Token));
        await harness.Database.ExecuteAsync("update public.deaths set left_to_die = 0");
        await harness.DriveAsync();

        Assert.True(died is PostgresException { SqlState: "57P01" }, $"nobody died: {died}");
        await AssertEndedAsync(harness, run.RunId);
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Drive_ConnectionsBreakAtAnyRoundTrip_TheNextDriverEndsItTheSameOnce(Break how)
    {
        // CPF_TEST_SWEEP=all breaks every round trip.
        var stride = Environment.GetEnvironmentVariable("CPF_TEST_SWEEP") == "all" ? 1 : 23;
        var broke = true;
        for (var roundTrip = how == Break.BeforeTheStatement ? 3 : 11; broke; roundTrip += stride)
        {
            await using var harness = await RunHarness.CreateAsync(databases, contents: 40);
            harness.Settings.MaxChurn = 1;
            await using var matcher = new PlayedMatcher(harness.Database, groups: 7);
            var run = await harness.StartAsync();
            await using var proxy = new FaultyPostgres(harness.Database.ConnectionString);
            proxy.BreakAt(roundTrip, how);
            await using (var dataSource = PostgresDataSource.Create(proxy.ConnectionString, "cpf-test"))
            {
                await Record.ExceptionAsync(() => harness.Driver(dataSource).DriveAsync(Token));
            }

            broke = proxy.HasBroken;
            await Until.TrueAsync(async () => await harness.Driver().DriveAsync(Token)); // The server may not have noticed yet.
            await AssertEndedAsync(harness, run.RunId, contents: 40);
        }
    }

    [Fact]
    public async Task Drive_RefusedForChurnThenDies_TheNextDriverRefusesItToo()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Settings.MaxChurn = 0;
        await harness.Database.ExecuteAsync("update cpf.models set is_imported = true");
        await using var matcher = new PlayedMatcher(harness.Database, groups: 7);
        await DieAtAsync(harness, "before update on cpf.training_runs for each row when (new.state = 'refused')");
        var run = await harness.StartAsync();

        await Assert.ThrowsAsync<PostgresException>(() => harness.Driver().DriveAsync(Token));
        await harness.Database.ExecuteAsync("update public.deaths set left_to_die = 0");
        await harness.DriveAsync();

        var ended = (await harness.Runs.FindAsync(run.RunId, Token))!;
        Assert.Equal(TrainingRunState.Refused, ended.State);
        Assert.Contains("churn", ended.Message, StringComparison.Ordinal);
        Assert.Single(await harness.AnswersAsync(run.RunId));
    }

    private static async Task AssertEndedAsync(RunHarness harness, Guid runId, int contents = 100)
    {
        var ended = (await harness.Runs.FindAsync(runId, Token))!;
        Assert.True(ended.State == TrainingRunState.Finished, $"{ended.State}: {ended.Message}");
        Assert.Equal(2L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models")); // The first, and one candidate.
        Assert.Equal("active", await harness.StateOfAsync(ended.ModelId!.Value));
        Assert.Equal((long)contents, await harness.Database.ScalarAsync<long>(
            "select count(*) from cpf.embeddings join cpf.models using (head_id) where model_id = $1", ended.ModelId.Value));
        Assert.Equal((long)contents,
            await harness.Database.ScalarAsync<long>("select contents from cpf.model_diffs where model_id = $1", ended.ModelId.Value));
        Assert.Single(await harness.AnswersAsync(runId));
        Assert.All(await harness.Runs.ReadStepsAsync(runId, Token), s => Assert.NotNull(s.FinishedAt));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.model_preparations"));
    }

    // The error of a server that ends a session. The driver is as good as dead.
    private static Task DieAtAsync(RunHarness harness, string point) => harness.Database.ExecuteAsync(
        $"""
        create table public.deaths (left_to_die integer);
        insert into public.deaths values (1);
        create function public.die() returns trigger language plpgsql as $$
        begin
            if (select left_to_die from public.deaths) > 0 then
                raise exception 'dies here' using errcode = '57P01';
            end if;
            return new;
        end $$;
        create trigger die {point} execute function public.die();
        """);
}
