using System.Globalization;
using System.Net;
using CpfPipeline.Data.Ids;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Find;

/// <summary>From what a person has in hand to its group.</summary>
public sealed class FindPageTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_WhatAPersonHasInHand_LeadsToItsGroup()
    {
        await using var database = await databases.CreateAsync(Token);
        var groups = await GroupedCatalogue.CreateAsync(database, products: 3);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var content = await database.ScalarAsync<long>("select max(content_id) from cpf.group_members where group_id <> content_id");
        var group = await database.ScalarAsync<long>("select group_id from cpf.group_members where content_id = $1", content);
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key)
            values ($1, 'a/b', 'c/d', 'x', $2, 'stored', 1, 'gtin:1 2')
            """, ImageId.From("a/b", "c/d"), content);
        async Task<string?> LeadsTo(string words) =>
            (await matcher.Client.GetAsync($"/find?q={Uri.EscapeDataString(words)}", Token)).Headers.Location?.OriginalString;

        Assert.Equal($"/gallery/{group}#p{content}", await LeadsTo($"s/{content}"));
        Assert.Equal($"/gallery/{group}#p{content}", await LeadsTo(" a/b/c/d "));
        Assert.Equal($"/gallery/{group}#p{content}", await LeadsTo(Convert.ToHexString(Catalogue.HashOf(content))));
        Assert.Equal($"/gallery/{group}#p{content}", await LeadsTo(content.ToString(CultureInfo.InvariantCulture)));
        Assert.Equal("/gallery?key=gtin%3A1%202", await LeadsTo("gtin:1 2"));
        Assert.Null(await LeadsTo("nothing"));

        await groups.RetractAsync($"{content}");
        await database.ExecuteAsync("update cpf.images set state = 'rejected', reject_reason = 'truncated' where source = 'a/b'");
        var answer = await matcher.Client.GetAsync("/find?q=a/b/c/d", Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("its status is rejected", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        var tooLong = await matcher.Client.GetAsync($"/find?q=%20{new string('a', 501)}", Token);
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
        Assert.Contains(
            $"name=\"q\" value=\"{new string('a', 501)}\"", await tooLong.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }
}
