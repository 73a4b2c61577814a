using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Tests.Integration.Trainer.Learning.Reports;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Models;

/// <summary>The pages of the models as a browser without script gets them.</summary>
public sealed partial class ModelPagesTests(TestDatabases databases)
{
    private const string Hostile = "\"><script>alert(1)</script>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_OfManyModels_ShowsEachOnceTheNewestFirst()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var transitions = new ModelTransitions(database.DataSource);
        for (var i = 0; i < 40; i++)
        {
            await transitions.RegisterThresholdAsync(catalogue.Model.ModelId, 0.8 + (i / 1000.0), "{}", null, Token);
        }

        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var seen = new List<long>();
        for (var address = "/models"; address is not null;)
        {
            var html = await matcher.Client.GetStringAsync(address, Token);
            var shown = ModelLink().Matches(html).Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
            Assert.InRange(shown.Count, 1, 30);
            seen.AddRange(shown);
            address = PageHtml.NextAddress(html);
        }

        Assert.Equal(Enumerable.Range(0, 41).Select(i => catalogue.Model.ModelId + 40 - i), seen);
    }

    [Fact]
    public async Task Model_RefusedByANight_TellsFiguresReasonAndReport()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var id = await new ModelTransitions(database.DataSource).RegisterThresholdAsync(
            catalogue.Model.ModelId, 0.875,
            $$"""
            {"f1": 0.8125, "f1_interval": [0.75, 0.875], "opis": 0.0625, "active": {"model_id": "1", "f1": 0.90625},
             "gate": {"passed": false, "reason": "worse"}, "notes": {"who": "{{JsonEscaped(Hostile)}}" } }
            """, null, Token);
        await new ModelTransitions(database.DataSource).StepBackAsync(id, Token);
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs
                (run_id, kind, trigger, state, step, message, model_id, report_html, started_at, finished_at, data)
            values (gen_random_uuid(), 'training', 'schedule', 'refused', 'gate', 'worse by 0.09', $1, '<h1>Plots</h1>', now(), now(),
                '{"learned_from": "copies", "splits": {"train": {"contents": 1200, "classes": 1}}}')
            """, id);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var list = PageHtml.Text(await matcher.Client.GetStringAsync("/models", Token));
        Assert.Contains("0.813 (0.750 to 0.875)", list, StringComparison.Ordinal);
        Assert.Contains("0.0625", list, StringComparison.Ordinal);
        Assert.Contains("edited copies of the pictures 1,200 pictures, 1 class", list, StringComparison.Ordinal);
        Assert.Contains("worse by 0.09", list, StringComparison.Ordinal);
        var html = await matcher.Client.GetStringAsync($"/models/{id}", Token);
        var page = PageHtml.Text(html);
        Assert.Contains("F1 0.8125 0.9063", page, StringComparison.Ordinal);
        Assert.Contains("Reason worse", page, StringComparison.Ordinal);
        Assert.Contains("those of a refused model are deleted", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("{\"", page, StringComparison.Ordinal); // Tables, not JSON.

        var report = await matcher.Client.GetAsync($"/models/{id}/report", Token);
        Assert.Equal("<h1>Plots</h1>", await report.Content.ReadAsStringAsync(Token));
        Assert.Contains("default-src 'none'", report.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.NotFound, (await matcher.Client.GetAsync($"/models/{catalogue.Model.ModelId}/report", Token)).StatusCode);
    }

    [Fact]
    public async Task Report_OfANight_NamesListingsAsTheyAreNow()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await GroupedCatalogue.CreateAsync(database, products: 1);
        var members = await database.QueryAsync("select content_id from cpf.group_members order by content_id limit 2");
        var (a, b) = ((long)members[0][0]!, (long)members[1][0]!);
        await database.ExecuteAsync("update cpf.images set external_id = $1 where content_id = $2", Hostile, a);
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, state, step, model_id, report_html, started_at, finished_at)
            values (gen_random_uuid(), 'training', 'schedule', 'finished', 'gate', $1, $2, now(), now())
            """, catalogue.Model.ModelId, SampleReport.Page(a, b));
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        async Task<string> ReadAsync() => await matcher.Client.GetStringAsync($"/models/{catalogue.Model.ModelId}/report", Token);

        var page = await ReadAsync();
        Assert.Equal(2, Count(page, $"s/{WebUtility.HtmlEncode(Hostile)}"));
        Assert.DoesNotContain(Hostile, page, StringComparison.Ordinal);
        Assert.Contains($"alt=\"s/{b}\"", page, StringComparison.Ordinal);
        Assert.Contains($">s/{b}</bdi>", page, StringComparison.Ordinal);
        Assert.Contains($"/contents/{a}/thumbnail?size=320", page, StringComparison.Ordinal);
        await catalogue.RetractAsync($"{b}");
        Assert.Matches("alt=\"picture [0-9a-f]{12}\"", await ReadAsync());
    }

    [Fact]
    public async Task Changes_OfAShadow_ShowThePicturesOfBothSides()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, shadow) = await SplitAsync(database);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var members = (await database.QueryAsync(
            "select content_id from cpf.group_members where model_id = $1 and group_id in (select group_id from cpf.groups)",
            catalogue.Model.ModelId)).Select(r => (long)r[0]!).ToList();
        await database.ExecuteAsync("update cpf.images set external_id = $1 where content_id = $2", Hostile, members[0]);

        var html = await matcher.Client.GetStringAsync($"/models/{shadow.ModelId}/changes", Token);
        Assert.Contains("A group falls apart into 3 single pictures", html, StringComparison.Ordinal);
        Assert.All(members, m => Assert.Equal(2, Count(html, $"/contents/{m}/thumbnail?size=320")));
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        var back = await matcher.Client.GetStringAsync($"/models/{catalogue.Model.ModelId}/changes?against={shadow.ModelId}", Token);
        Assert.Contains("3 single pictures become a group", back, StringComparison.Ordinal);
        Assert.Contains($"href=\"/gallery/{members.Min()}\"", back, StringComparison.Ordinal);

        await catalogue.RetractAsync($"{members[1]}");
        Assert.Matches(
            "picture [0-9a-f]{12}", await matcher.Client.GetStringAsync($"/models/{shadow.ModelId}/changes", Token));

        // A refused model loses its groups, and the page says so.
        await new ModelTransitions(database.DataSource).StepBackAsync(shadow.ModelId, Token);
        Assert.Contains(
            $"Model {shadow.ModelId} (refused) has no groups to compare",
            await matcher.Client.GetStringAsync($"/models/{shadow.ModelId}/changes", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIf_AHigherThreshold_TellsTheCountAndShowsWhatVanishes()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await SplitAsync(database);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var id = catalogue.Model.ModelId;

        var same = PageHtml.Text(await matcher.Client.GetStringAsync($"/models/{id}/what-if", Token));
        Assert.Contains("1 group instead of 1; 0 of these would change", same, StringComparison.Ordinal);
        var html = await matcher.Client.GetStringAsync($"/models/{id}/what-if?threshold=1", Token);
        Assert.Contains("0 groups instead of 1; 1 of these would change", PageHtml.Text(html), StringComparison.Ordinal);
        Assert.Contains("A group of 3 pictures vanishes", html, StringComparison.Ordinal);
        Assert.Equal(3, Count(html, "/thumbnail?size=320"));
        Assert.DoesNotMatch(" style=| on[a-z]+=|<style", html);
    }

    [Theory]
    [InlineData("/models/9999", HttpStatusCode.NotFound)]
    [InlineData("/models/9999/changes", HttpStatusCode.NotFound)]
    [InlineData("/models/9999/what-if", HttpStatusCode.NotFound)]
    [InlineData("/models/9999/activate", HttpStatusCode.NotFound)]
    [InlineData("/models/9999/report", HttpStatusCode.NotFound)]
    [InlineData("/models/1/changes", HttpStatusCode.NotFound)]
    [InlineData("/models/1/changes?against=1", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/changes?against=9999", HttpStatusCode.NotFound)]
    [InlineData("/models/1/what-if?threshold=0.1", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/what-if?threshold=1.1", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/what-if?threshold=NaN", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/what-if?threshold=high", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/what-if?after=1", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/activate", HttpStatusCode.Conflict)]
    [InlineData("/models?before=x", HttpStatusCode.BadRequest)]
    [InlineData("/models/1?requested=x", HttpStatusCode.BadRequest)]
    [InlineData("/models/1/changes?after=9223372036854775808", HttpStatusCode.BadRequest)]
    [InlineData("/overview/feeds/1?after=x", HttpStatusCode.BadRequest)]
    [InlineData("/models/9223372036854775808", HttpStatusCode.NotFound)]
    [InlineData("/models/9223372036854775808/activate", HttpStatusCode.NotFound)]
    [InlineData("/overview/feeds/9223372036854775808", HttpStatusCode.NotFound)]
    [InlineData("/gallery/9223372036854775808", HttpStatusCode.NotFound)]
    [InlineData("/review/x", HttpStatusCode.NotFound)]
    public async Task Pages_WhatIsNotThere_SayWhat(string address, HttpStatusCode status)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.9);
        Assert.Equal(1, catalogue.Model.ModelId);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([1], Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var answer = await matcher.Client.GetAsync(address, Token);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(PageHeaders.ContentSecurityPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("class=\"message", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    // One group of three under the active model, three alone under the shadow.
    private static async Task<(Catalogue Catalogue, ServingModel Shadow)> SplitAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products: 1, each: 3, dimension: 16, noise: 0.05);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        var shadow = await catalogue.ShadowAsync(0.99999, head: null);
        await ShadowSteps.CatchUpAsync(database, new MatcherOptions(), Token);
        return (catalogue, shadow);
    }

    private static string JsonEscaped(string text) => System.Text.Json.JsonEncodedText.Encode(text).ToString();

    private static int Count(string html, string part) => html.Split(part).Length - 1;

    [GeneratedRegex("<th scope=\"row\"><a href=\"/models/(\\d+)\"")]
    private static partial Regex ModelLink();
}
