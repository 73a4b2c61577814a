using System.Net;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Review;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>The review pages as a browser without script gets them.</summary>
public sealed class ReviewPagesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Review_FirstVisit_AsksTheNameOnceAndKeepsItOnEveryVerdict()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = new ReviewVisitor(matcher.Address);

        await visitor.GoAsync("/review?at=1");
        Assert.Contains("Who are you?", visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/name", ("who", "Änn; Ō'Neill"));
        Assert.Equal("/review?at=1", visitor.At);
        Assert.Contains("as Änn; Ō'Neill", visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/answer", ("word", "same"));

        Assert.Equal("/review?at=1", visitor.At);
        Assert.Contains("1 answered of", visitor.Html, StringComparison.Ordinal);
        Assert.Contains("1 today", visitor.Html, StringComparison.Ordinal);
        Assert.Equal("Änn; Ō'Neill", await world.Database.ScalarAsync<string>("select who from cpf.verdicts"));
    }

    [Fact]
    public async Task Name_Cookie_IsNotForScriptsNorOtherSites()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 2);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = new ReviewVisitor(matcher.Address);
        await visitor.GoAsync("/review/name");
        var page = await matcher.Client.GetAsync("/review/name", Token);
        var token = Between(await page.Content.ReadAsStringAsync(Token), "name=\"__RequestVerificationToken\" value=\"", "\"");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/review/name")
        {
            Content = new FormUrlEncodedContent(
                [KeyValuePair.Create("who", "ann"), KeyValuePair.Create("__RequestVerificationToken", token)]),
        };

        var answer = await matcher.Client.SendAsync(request, Token); // The client keeps the form's cookie.

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith(ReviewerCookie.Name, StringComparison.Ordinal));
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Post_WithoutTheFormsToken_IsRefused()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 2);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        var (a, b) = (world.Ids[0], world.Ids[1]);
        foreach (var form in (string[])["answer", "undo", "name", "score", "contradictions", "group/1"])
        {
            await visitor.PostAsync(
                $"/review/{form}", ("a", $"{a}"), ("b", $"{b}"), ("word", "same"), ("request", $"{Guid.NewGuid()}"), ("who", "eve"),
                ("id", "1"), ("score", "shown"));
            Assert.Equal((form, HttpStatusCode.BadRequest), (form, visitor.Status));
        }

        Assert.Null(await world.WordAsync(a, b));
        await visitor.GoAsync("/review");
        Assert.Contains("as ann", visitor.Html, StringComparison.Ordinal);
        Assert.Contains("Show the score", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_SameFormTwice_ChangesNothingTheSecondTime()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        await visitor.GoAsync("/review");
        var (a, b, request) = (visitor.Field("a"), visitor.Field("b"), visitor.Field("request"));

        await visitor.SendAsync("/review/answer", ("word", "same"));
        await visitor.SendAsync("/review/answer", ("word", "same"), ("a", a), ("b", b), ("request", request));
        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        await visitor.SendAsync("/review/answer", ("word", "different"), ("a", a), ("b", b), ("request", request));

        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Contains("taken before, with another answer", visitor.Html, StringComparison.Ordinal);
        Assert.Equal("same", await world.Database.ScalarAsync<string>("select string_agg(verdict, ' ') from cpf.verdicts"));
    }

    [Fact]
    public async Task Score_UntilAnswered_IsNowhereInThePageUnlessSwitchedOn()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        var first = (await world.Queue.ReadAsync(world.Catalogue.Model, "ann", Token))[0];
        var score = Figures.Similarity(first.Similarity);

        await visitor.GoAsync("/review");
        Assert.DoesNotContain(score, visitor.Html, StringComparison.Ordinal);
        await visitor.GoAsync("/review/next?at=0");
        Assert.DoesNotContain(score, visitor.Html, StringComparison.Ordinal);

        await visitor.GoAsync("/review");
        await visitor.SendAsync("/review/score", ("score", "shown"));
        Assert.Contains(score, visitor.Html, StringComparison.Ordinal);
        await visitor.GoAsync("/review?at=0"); // Remembered.
        Assert.Contains(score, visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/score", ("score", "hidden"));
        Assert.DoesNotContain(score, visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/answer", ("word", "same"));
        Assert.Contains($"Similarity {score} ({Figures.Margin(first.Similarity, 0.9)})", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undo_Button_ShowsThePairAgain()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        await visitor.GoAsync("/review");
        var (a, b) = (visitor.Field("a"), visitor.Field("b"));
        await visitor.SendAsync("/review/answer", ("word", "different"));
        Assert.NotEqual((a, b), (visitor.Field("a"), visitor.Field("b")));

        await visitor.SendAsync("/review/undo");

        Assert.Equal($"/review/pair?a={a}&b={b}", visitor.At);
        Assert.Equal((a, b), (visitor.Field("a"), visitor.Field("b")));
        Assert.Equal(0L, await world.Database.ScalarAsync<long>("select count(*) from cpf.verdicts"));
        await visitor.SendAsync("/review/undo");
        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Contains("no answer of yours", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undo_LaterAnswerChangedByAnother_TellsWhatItTakesBackAndWhatStays()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        var (a, b, far) = (world.Ids[0], world.Ids[1], world.Ids[4]);
        await world.TakeAsync(a, b, "same");
        await world.TakeAsync(b, far, "same");
        await world.TakeAsync(b, far, "different", "bob");

        await visitor.GoAsync("/review");
        Assert.Contains($"same: {Names(a, b)}.", visitor.Html, StringComparison.Ordinal);
        Assert.Contains(
            "Undo takes this back. What you said later stays: bob said 'different' since", visitor.Html, StringComparison.Ordinal);
        await visitor.SendAsync("/review/undo");

        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Contains($"Taken back: 'same' of {Names(a, b)}.", visitor.Html, StringComparison.Ordinal);
        Assert.Contains($"Not taken back: 'same' of {Names(b, far)}. bob said 'different' since", visitor.Html, StringComparison.Ordinal);
        Assert.Contains($"href=\"/review/pair?a={Math.Min(a, b)}&b={Math.Max(a, b)}\"", visitor.Html, StringComparison.Ordinal);
        Assert.Equal((null, "different"), (await world.WordAsync(a, b), await world.WordAsync(b, far)));

        // Now none is left that could be taken back.
        await visitor.GoAsync("/review");
        Assert.Contains($"same: {Names(b, far)}.", visitor.Html, StringComparison.Ordinal);
        Assert.Contains("This cannot be taken back: bob said 'different' since", visitor.Html, StringComparison.Ordinal);

        static string Names(long a, long b) => $"s/{Math.Min(a, b)} and s/{Math.Max(a, b)}";
    }

    [Fact]
    public async Task Pair_PictureWithoutAListing_IsNamedByItsHash()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 3);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        await world.Catalogue.RetractAsync($"{world.Ids[0]}");

        await visitor.GoAsync($"/review/pair?a={world.Ids[0]}&b={world.Ids[1]}");

        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Matches("First picture: picture [0-9a-f]{12}|Second picture: picture [0-9a-f]{12}", visitor.Html);
    }

    [Fact]
    public async Task Answer_AnotherAnsweredMeanwhile_IsRefusedWithWhoAndWhat()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        var (a, b) = (world.Ids[0], world.Ids[1]);
        await visitor.GoAsync($"/review/pair?a={a}&b={b}");
        await world.TakeAsync(a, b, "same", "bob");

        await visitor.SendAsync("/review/answer", ("word", "different"));
        Assert.Equal(HttpStatusCode.Conflict, visitor.Status);
        Assert.Contains("bob said 'same' of ", visitor.Html, StringComparison.Ordinal);
        Assert.Equal("same", await world.WordAsync(a, b));

        await visitor.GoAsync($"/review/pair?a={a}&b={b}");
        await visitor.SendAsync("/review/answer", ("word", "different"));
        Assert.Equal("different", await world.WordAsync(a, b));
    }

    [Fact]
    public async Task Pages_WhateverTheAddressSays_AnswerInWords()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 1, each: 2);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        foreach (var (address, status, words) in new[]
        {
            ("/review/pair?a=1&b=1", HttpStatusCode.BadRequest, "must name two pictures"),
            ("/review/pair?a=1&b=x", HttpStatusCode.BadRequest, "must name two pictures"),
            ("/review/pair?a=1&b=2", HttpStatusCode.NotFound, "is not stored"),
            ("/review/group/1?do=split&p=2", HttpStatusCode.OK, "has changed since"),
            ("/review/group/1?do=same&p=2", HttpStatusCode.OK, "Choose two pictures or more"),
            ("/review/group/1?do=dance&p=2", HttpStatusCode.BadRequest, "must say what to do"),
            ("/review/group/1?do=compare&p=2", HttpStatusCode.BadRequest, "two pictures to compare"),
            ("/review?at=99999", HttpStatusCode.OK, "answered of"),
            ("/review?at=-1&view=none", HttpStatusCode.OK, "answered of"),
        })
        {
            await visitor.GoAsync(address);
            Assert.Equal((address, status), (address, visitor.Status));
            Assert.Contains(words, visitor.Html, StringComparison.Ordinal);
        }

        foreach (var to in (string[])["//evil.example/x", "https://evil.example/x", "/\\evil.example"])
        {
            await visitor.GoAsync("/review/name");
            await visitor.SendAsync("/review/name", ("who", "ann"), ("to", to));
            Assert.Equal((to, "/review"), (to, visitor.At));
        }
    }

    [Fact]
    public async Task Review_BeforeAModel_SaysThatThereAreNoPairsYet()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        await visitor.GoAsync("/review");
        Assert.Equal(HttpStatusCode.NotFound, visitor.Status);
        Assert.Contains("No pairs yet", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Legend_EveryKey_HasAControlThatItPresses()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 4);
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        using var visitor = await ReviewVisitor.NamedAsync(matcher.Address);
        await visitor.GoAsync("/review");
        Assert.All(ReviewKey.All, k =>
        {
            Assert.Contains($"data-do=\"{k.Action}\"", visitor.Html, StringComparison.Ordinal);
            Assert.Contains(k.Text, visitor.Html, StringComparison.Ordinal);
        });
        Assert.Equal(ReviewKey.All.Count, ReviewKey.All.Select(k => k.Key).Distinct().Count());
    }

    [Fact]
    public async Task Pages_OfReview_CarryThePolicyAndNothingInline()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 3);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[1], "same", "<b>bob</b>");
        await world.TakeAsync(ids[1], ids[2], "same");
        await world.AnswerAsync(ids[0], ids[2], "different", "<script>cid");
        await using var matcher = await RunningMatcher.StartAsync(world.Database, Token);
        matcher.Client.DefaultRequestHeaders.Add("Cookie", $"{ReviewerCookie.Name}=ann");
        foreach (var address in (string[])
        [
            "/review", "/review/name", "/review/next?at=0", $"/review/pair?a={ids[0]}&b={ids[1]}", "/review/history",
            "/review/contradictions", "/review/group/1?do=split&p=1",
        ])
        {
            var answer = await matcher.Client.GetAsync(address, Token);
            var html = await answer.Content.ReadAsStringAsync(Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(PageHeaders.ContentSecurityPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.DoesNotMatch(" style=| on[a-z]+=|<style|<b>bob|<script>cid", html);
        }
    }

    private static string Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }
}
