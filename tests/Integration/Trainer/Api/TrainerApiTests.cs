using System.Net;
using System.Net.Http.Headers;
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

public sealed class TrainerApiTests(TestDatabases databases, TestBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trainings_AskedFor_RunToTheEndWithReportAndRollBack()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database, groups: 7);
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));

        using var asked = await trainer.PostAsync("/trainings");
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var url = asked.Headers.Location!.ToString();
        var run = await trainer.EndOfAsync(url);

        Assert.Equal("finished", (string?)run["state"]);
        Assert.Equal(url, (string?)run["url"]);
        Assert.Equal("activate", (string?)run["step"]);
        Assert.Equal(10, run["steps"]!.AsArray().Count);
        using var page = await trainer.Client.GetAsync((string)run["report_url"]!, Token);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("a report", await page.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(.9, (double)(await trainer.GetAsync(url + "/report.json"))["f1"]!);
        Assert.Equal((string?)run["run_id"], (string?)(await trainer.GetAsync("/trainings?limit=5"))[0]!["run_id"]);
        var models = (await trainer.GetAsync("/models")).AsArray();
        Assert.Equal(["active", "retired"], models.Select(m => (string?)m!["state"]));
        Assert.Equal((long)run["model_id"]!, (long)models[0]!["model_id"]!);

        using var back = await trainer.PostAsync("/models/rollback");
        Assert.Equal(HttpStatusCode.Accepted, back.StatusCode);
        var rollback = await trainer.EndOfAsync(back.Headers.Location!.ToString());
        Assert.Equal(("finished", harness.First.ModelId), ((string?)rollback["state"], (long)rollback["model_id"]!));
        Assert.Equal("active", await harness.StateOfAsync(harness.First.ModelId));

        using var forth = await trainer.PostAsync($"/models/{run["model_id"]}/activate");
        Assert.Equal("finished", (string?)(await trainer.EndOfAsync(forth.Headers.Location!.ToString()))["state"]);
        Assert.Equal(HttpStatusCode.Conflict, (await trainer.PostAsync($"/models/{run["model_id"]}/activate")).StatusCode);
    }

    [Fact]
    public async Task Trainings_SameKey_IsTheSameRunAndAnotherOneWaits()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Pause = new TaskCompletionSource();
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));

        var asked = await Task.WhenAll(Enumerable.Range(0, 5)
            .Select(_ => trainer.PostAsync("/trainings", """{"kind": "training"}""", "night 1")));
        var url = Assert.Single(asked.Select(a => a.Headers.Location!.ToString()).Distinct());
        Assert.All(asked, a => Assert.Equal(HttpStatusCode.Accepted, a.StatusCode));
        using var other = await trainer.PostAsync("/trainings", key: "night 2");
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal("application/problem+json", other.Content.Headers.ContentType!.MediaType);
        Assert.Equal(url, (string?)JsonNode.Parse(await other.Content.ReadAsStringAsync(Token))!["run_url"]);
        using var another = await trainer.PostAsync("/trainings", """{"target_precision": 0.99}""", "night 1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, another.StatusCode);

        harness.Builder.Pause.SetResult();
        await trainer.EndOfAsync(url);
        using var again = await trainer.PostAsync("/trainings", key: "night 1");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(url, again.Headers.Location!.ToString());
        Assert.Equal(1, harness.Builder.Calls);
    }

    [Theory]
    [InlineData("""{"kind": "full"}""", "kind")]
    [InlineData("""{"kind": 5}""", "kind")]
    [InlineData("""{"target_precision": "high"}""", "target_precision")]
    [InlineData("""{"target_precision": 1.5}""", "target_precision")]
    [InlineData("""{"epochs": 5}""", "epochs")]
    [InlineData("""[1]""", "object")]
    [InlineData("""{""", "JSON")]
    public async Task Trainings_BadBody_NamesTheField(string body, string named)
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));

        using var refused = await trainer.PostAsync("/trainings", body);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Contains(
            named, (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Token))!["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_WithoutTheToken_ChangesNothingAndShowsNoDashboard()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        using var stranger = new HttpClient { BaseAddress = trainer.Address };

        foreach (var path in new[] { "/trainings", $"/trainings/{Guid.NewGuid()}/cancel", "/models/1/activate", "/models/rollback" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.PostAsync(path, null, Token)).StatusCode);
        }

        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.training_runs"));
        foreach (var path in new[] { "/hangfire", "/hangfire/recurring", "/hangfire/jobs/enqueued" })
        {
            using var closed = await stranger.GetAsync(path, Token);
            Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
            Assert.StartsWith("Basic", closed.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        foreach (var (password, status) in new[] { ("guess", HttpStatusCode.Unauthorized), ("", HttpStatusCode.Unauthorized),
            (TrainerProcess.Token, HttpStatusCode.OK) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire/recurring");
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{password}")));
            Assert.Equal(status, (await stranger.SendAsync(request, Token)).StatusCode);
        }
    }

    [Fact]
    public async Task Dashboard_NoTokenConfigured_IsClosed()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(
            harness, await broker.CreateHostAsync(Token), "--Trainer:OperatorToken", "");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hangfire");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(":"u8));

        Assert.Equal(HttpStatusCode.Unauthorized, (await trainer.Client.SendAsync(request, Token)).StatusCode);
        using var post = await trainer.PostAsync("/trainings");
        Assert.Equal(HttpStatusCode.Unauthorized, post.StatusCode);
        Assert.Contains("Trainer:OperatorToken", await post.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Api_WhatIsNotThere_IsNotFound()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));

        var none = $"/trainings/{Guid.NewGuid()}";
        foreach (var path in new[] { none, none + "/report", none + "/report.json" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await trainer.Client.GetAsync(path, Token)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await trainer.PostAsync(none + "/cancel")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await trainer.PostAsync("/models/777/activate")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await trainer.PostAsync("/models/rollback")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await trainer.Client.GetAsync("/trainings?limit=0", Token)).StatusCode);
        Assert.NotNull((await trainer.GetAsync("/openapi/v1.json"))["paths"]!["/trainings"]);
    }

    [Fact]
    public async Task Cancel_RunGoingOn_IsCancelledWithinSeconds()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.Pause = new TaskCompletionSource();
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        using var asked = await trainer.PostAsync("/trainings");
        var url = asked.Headers.Location!.ToString();
        await RunHarness.UntilAsync(() => Task.FromResult(harness.Builder.Calls == 1));

        Assert.Equal(HttpStatusCode.Accepted, (await trainer.PostAsync(url + "/cancel")).StatusCode);
        var run = await trainer.EndOfAsync(url);

        Assert.Equal("cancelled", (string?)run["state"]);
        Assert.Equal(HttpStatusCode.Conflict, (await trainer.PostAsync(url + "/cancel")).StatusCode);
    }

    [Fact]
    public async Task Restart_RunLeftUnfinished_GoesOnAtOnce()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        var host = await broker.CreateHostAsync(Token);
        harness.Builder.Pause = new TaskCompletionSource();
        string url;
        await using (var first = await TrainerProcess.StartAsync(harness, host))
        {
            using var asked = await first.PostAsync("/trainings");
            url = asked.Headers.Location!.ToString();
            await RunHarness.UntilAsync(() => Task.FromResult(harness.Builder.Calls == 1));
        }

        harness.Builder.Pause = null;
        await using var second = await TrainerProcess.StartAsync(harness, host);
        var started = TimeProvider.System.GetTimestamp();
        var run = await second.EndOfAsync(url);

        Assert.Equal("finished", (string?)run["state"]);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

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
        await RunHarness.UntilAsync(() => Task.FromResult(harness.Builder.Calls == 1));
        await SendAsync("""{"idempotencyKey": "a", "targetPrecision": 0.9}""");
        await SendAsync("""{"idempotencyKey": "b", "kind": "threshold"}""");
        await SendAsync("""{"idempotencyKey": "c", "kind": "nonsense"}""");
        var refused = await ReadAsync();
        Assert.Equal(("c", "failed"), ((string?)refused["idempotencyKey"], (string?)refused["state"]));
        await RunHarness.UntilAsync(async () =>
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
            await RunHarness.UntilAsync(async () => (message = await channel.BasicGetAsync(answers, autoAck: true, Token)) is not null);
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
        await RunHarness.UntilAsync(async () => await harness.Database.ScalarAsync<long>(
            "select count(*) from hangfire.hash where key = 'recurring-job:night' and field = 'Cron' and value = '15 4 * * *'") == 1);

        trainer.Services.GetRequiredService<IRecurringJobManager>().Trigger(ScheduleLoop.Night);

        await RunHarness.UntilAsync(async () =>
            await harness.Runs.FindLastFinishedAsync(TrainingRunKind.Training, Token) is { Trigger: "schedule" });
        await RunHarness.UntilAsync(async () => await harness.Database.ScalarAsync<long>(
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
        await RunHarness.UntilAsync(async () => (job = await harness.Database.ScalarAsync<string>(
            "select coalesce(max(id)::text, '') from hangfire.job where statename = 'Processing'")).Length > 0);

        Assert.True(trainer.Services.GetRequiredService<IBackgroundJobClient>().Delete(job));

        Assert.Equal("cancelled", (string?)(await trainer.EndOfAsync(asked.Headers.Location!.ToString()))["state"]);
    }

    [Fact]
    public async Task Start_PostgresAway_WaitsForItAndSaysSo()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(
            harness, await broker.CreateHostAsync(Token), "--ConnectionStrings:Postgres",
            "Host=127.0.0.1;Port=9;Username=nobody;Timeout=1");

        using var health = await trainer.Client.GetAsync("/health", Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task Health_Always_HasDriftAmongItsDetails()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        await RunHarness.UntilAsync(async () => (await trainer.Client.GetAsync("/health", Token)).IsSuccessStatusCode);

        Assert.True((await trainer.GetAsync("/health"))["details"]!.AsObject().ContainsKey("drift"));
    }
}
