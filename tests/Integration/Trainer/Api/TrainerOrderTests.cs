using System.Text;
using System.Text.Json.Nodes;
using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using CpfPipeline.Trainer.Jobs;
using CpfPipeline.Vocabulary;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Api;

/// <summary>Runs that are asked for by the bus or the schedule, and ended on the dashboard.</summary>
public sealed class TrainerOrderTests(TestDatabases databases, TestBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bus_TrainModelAsPlainJson_IsAnsweredAtTheEndWithItsKey()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Pause = new TaskCompletionSource();
        var host = await broker.CreateHostAsync(Token);
        await using var trainer = await TrainerProcess.StartAsync(harness, host);
        await using var connection = await new ConnectionFactory { Uri = host }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        var answers = (await channel.QueueDeclareAsync(cancellationToken: Token)).QueueName;
        await channel.QueueBindAsync(
            answers, $"{typeof(TrainingFinished).Namespace}:{nameof(TrainingFinished)}", "", cancellationToken: Token);

        await SendAsync("""{"idempotencyKey": "a", "targetPrecision": 0.9}""");
        await Until.TrueAsync(() => Task.FromResult(harness.Builder.Calls == 1));
        await SendAsync("""{"idempotencyKey": "a", "targetPrecision": 0.9}""");
        await SendAsync("""{"idempotencyKey": "b", "kind": "threshold"}""");
        await SendAsync("""{"idempotencyKey": "c", "kind": "nonsense"}""");
        var refused = await ReadAsync();
        Assert.Equal(("c", "failed"), ((string?)refused["idempotencyKey"], (string?)refused["state"]));
        await Until.TrueAsync(async () =>
            (await harness.Runs.FindUnfinishedAsync(Token))!.RequestJson.Contains("\"b\"", StringComparison.Ordinal));
        harness.Builder.Pause.SetResult();

        var both = new[] { await ReadAsync(), await ReadAsync() };
        Assert.Equal(["a", "b"], both.Select(a => (string?)a["idempotencyKey"]).Order());
        Assert.All(both, a => Assert.Equal("finished", (string?)a["state"]));
        Assert.Single(both.Select(a => (string?)a["runId"]).Distinct());
        await SendAsync("""{"idempotencyKey": "b"}""");
        Assert.Equal("b", (string?)(await ReadAsync())["idempotencyKey"]); // Nothing new begins.
        Assert.Equal(1, harness.Builder.Calls);

        ValueTask SendAsync(string json) => channel.BasicPublishAsync("", Topology.TrainModelQueue, Encoding.UTF8.GetBytes(json), Token);

        async Task<JsonNode> ReadAsync()
        {
            BasicGetResult? message = null;
            await Until.TrueAsync(async () => (message = await channel.BasicGetAsync(answers, autoAck: true, Token)) is not null);
            return JsonNode.Parse(message!.Body.Span)!["message"]!;
        }
    }

    [Fact]
    public async Task Schedule_NightTriggered_BeginsARunAndFollowsIt()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        await using var trainer = await TrainerProcess.StartAsync(
            harness, await broker.CreateHostAsync(Token), "--Trainer:Schedule", "15 4 * * *", "--Trainer:ScheduleTimeZone",
            "Europe/Berlin");
        await Until.TrueAsync(async () => await harness.Database.ScalarAsync<long>(
            "select count(*) from hangfire.hash where key = 'recurring-job:night' and field = 'Cron' and value = '15 4 * * *'") == 1);

        trainer.Services.GetRequiredService<IRecurringJobManager>().Trigger(ScheduleSetup.Night);

        await Until.TrueAsync(async () =>
            await harness.Runs.FindLastFinishedAsync(TrainingRunKind.Training, Token) is { Trigger: "schedule" });
        await Until.TrueAsync(async () => await harness.Database.ScalarAsync<long>(
            "select count(*) from hangfire.job where statename = 'Succeeded' and invocationdata::text like '%NightJob%'") == 1);
        Assert.Equal("cpf_service", await harness.Database.ScalarAsync<string>(
            "select tableowner::text from pg_tables where schemaname = 'hangfire' and tablename = 'job'"));
    }

    [Fact]
    public async Task Dashboard_JobDeleted_CancelsItsRun()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.Pause = new TaskCompletionSource();
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        using var asked = await trainer.PostAsync("/trainings");
        var job = "";
        await Until.TrueAsync(async () => (job = await harness.Database.ScalarAsync<string>(
            "select coalesce(max(id)::text, '') from hangfire.job where statename = 'Processing'")).Length > 0);

        Assert.True(trainer.Services.GetRequiredService<IBackgroundJobClient>().Delete(job));

        Assert.Equal("cancelled", (string?)(await trainer.EndOfAsync(asked.Headers.Location!.ToString()))["state"]);
    }
}
