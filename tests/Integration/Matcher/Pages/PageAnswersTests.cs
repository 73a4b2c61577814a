using System.Net;
using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages;

/// <summary>What all pages have in common: headers, names that are markup, addresses of nothing.</summary>
public sealed class PageAnswersTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_NamesThatAreMarkup_ShowAsText()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 1);
        var content = await database.ScalarAsync<long>("select min(group_id) from cpf.groups");
        const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key)
            values ($1, '!', $2, 'javascript:alert(3)', $3, 'stored', 1, $2)
            """, ImageId.From("!", Hostile), Hostile, content);
        await groups.JudgeAsync(content, await database.ScalarAsync<long>("select max(content_id) from cpf.group_members"), same: true);
        await database.ExecuteAsync("update cpf.verdicts set note = $1, who = $1", Hostile);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);

        var escaped = Uri.EscapeDataString(Hostile);
        string[] addresses = ["/gallery", $"/gallery?key={escaped}", $"/gallery/{content}", $"/find?q={escaped}%3F"];
        foreach (var address in addresses)
        {
            var answer = await matcher.Client.GetAsync(address, Token);
            var html = await answer.Content.ReadAsStringAsync(Token);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
            Assert.DoesNotContain("javascript:alert", html, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_AllOfThem_CarryThePolicyAndNothingInline()
    {
        await using var database = await databases.CreateAsync(Token);
        await GroupedCatalogue.CreateAsync(database, products: 2);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var group = await database.ScalarAsync<long>("select min(group_id) from cpf.groups");
        foreach (var address in (string[])["/gallery", $"/gallery/{group}", "/gallery/1", "/gallery?sort=x", "/find?q=nothing", "/find"])
        {
            var answer = await matcher.Client.GetAsync(address, Token);
            var html = await answer.Content.ReadAsStringAsync(Token);
            Assert.Equal(PageHeaders.ContentSecurityPolicy, answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Contains("<!DOCTYPE html>", html, StringComparison.Ordinal);
            Assert.DoesNotMatch(" style=| on[a-z]+=|<style", html);
        }
    }

    [Theory]
    [InlineData("/gallery?sort=colour", HttpStatusCode.BadRequest, "sort must be doubt, size, newest")]
    [InlineData("/gallery/1", HttpStatusCode.NotFound, "has no group 1")]
    [InlineData("/find?q=", HttpStatusCode.BadRequest, "Give a listing as source/id")]
    [InlineData("/find?q=nobody/knows", HttpStatusCode.NotFound, "named &#x27;nobody/knows&#x27;")]
    public async Task Pages_WhatIsNotThere_SayWhat(string address, HttpStatusCode status, string words)
    {
        await using var database = await databases.CreateAsync(Token);
        await Catalogue.CreateAsync(database, 16, 0.9);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var answer = await matcher.Client.GetAsync(address, Token);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_BeforeAModel_SayThatThereAreNoGroupsYet()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        foreach (var address in (string[])["/gallery", "/gallery/1", "/find?q=s/1"])
        {
            var answer = await matcher.Client.GetAsync(address, Token);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("No groups yet", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }
}
