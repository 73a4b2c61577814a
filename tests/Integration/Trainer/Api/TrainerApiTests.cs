using System.Net;
using System.Text.Json.Nodes;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Learning.Reports;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
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
        Assert.Equal(JsonId.Of(run["model_id"]), JsonId.Of(models[0]!["model_id"]));

        using var back = await trainer.PostAsync("/models/rollback");
        Assert.Equal(HttpStatusCode.Accepted, back.StatusCode);
        var rollback = await trainer.EndOfAsync(back.Headers.Location!.ToString());
        Assert.Equal(("finished", harness.First.ModelId), ((string?)rollback["state"], JsonId.Of(rollback["model_id"])));
        Assert.Equal("active", await harness.StateOfAsync(harness.First.ModelId));

        using var forth = await trainer.PostAsync($"/models/{run["model_id"]}/activate");
        Assert.Equal("finished", (string?)(await trainer.EndOfAsync(forth.Headers.Location!.ToString()))["state"]);
        Assert.Equal(HttpStatusCode.Conflict, (await trainer.PostAsync($"/models/{run["model_id"]}/activate")).StatusCode);
    }

    [Fact]
    public async Task Report_WithMistakesOnTheCatalogue_NamesThemAndAsksForNoPicture()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        var run = Guid.NewGuid();
        await harness.Database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, state, step, model_id, report_html, started_at, finished_at)
            values ($1, 'training', 'schedule', 'finished', 'gate', $2, $3, now(), now())
            """, run, harness.First.ModelId, SampleReport.Page(1, 2));
        var name = await harness.Database.ScalarAsync<string>(
            "select source || '/' || external_id from cpf.images where content_id = 2");
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));

        using var answer = await trainer.Client.GetAsync($"/trainings/{run}/report", Token);
        var page = await answer.Content.ReadAsStringAsync(Token);

        Assert.Contains($"<bdi class=\"content\">{name}</bdi>", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"/", page);
        Assert.Contains("<span class=\"similarity\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
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
        await Until.TrueAsync(() => Task.FromResult(harness.Builder.Calls == 1));

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
            await Until.TrueAsync(() => Task.FromResult(harness.Builder.Calls == 1));
        }

        harness.Builder.Pause = null;
        await using var second = await TrainerProcess.StartAsync(harness, host);
        var started = TimeProvider.System.GetTimestamp();
        var run = await second.EndOfAsync(url);

        Assert.Equal("finished", (string?)run["state"]);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
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
        await Until.TrueAsync(async () => (await trainer.Client.GetAsync("/health", Token)).IsSuccessStatusCode);

        Assert.True((await trainer.GetAsync("/health"))["details"]!.AsObject().ContainsKey("drift"));
    }
}
