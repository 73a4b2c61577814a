using System.Globalization;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Gallery;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Tests.Oracle;
using MatchedCatalogue = CpfPipeline.Tests.Integration.Matcher.Samples.Catalogue;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Gallery;

/// <summary>The gallery file of a real catalogue with pictures from a Matcher.</summary>
public sealed class GallerySessionTests(TestDatabases databases, Chromium chromium) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-gallery-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string At => Path.Combine(_folder, "gallery.html");

    [Fact]
    public async Task File_OpenedFromDisk_ShowsEveryPictureAndAsksForNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await FillAsync(database, [14, 2, 3, 5]);
        const string Hostile = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";
        var content = await database.ScalarAsync<long>("select medoid from cpf.groups order by size desc limit 1");
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key)
            values ($1, '!', $2, 'x', $3, 'stored', 1, $2)
            """, ImageId.From("!", Hostile), Hostile, content);
        await using (var matcher = await RunningMatcher.StartAsync(database, Token))
        {
            var outcome = await WriteAsync(database, matcher, Request());
            Assert.Equal((4, 12 + 2 + 3 + 5, 0), (outcome.Groups, outcome.Pictures, outcome.Missing));
            Assert.Equal(new FileInfo(At).Length, outcome.Bytes);
            Assert.Equal((catalogue.Model.ModelId, 4L, 24L), (outcome.Head.ModelId, outcome.Head.Groups, outcome.Head.Pictures));
        }

        // Nothing runs any more.
        foreach (var (width, scheme) in new[] { (1280, ColorScheme.Light), (390, ColorScheme.Dark) })
        {
            await using var open = await chromium.OpenAsync(new Uri(At), width, 900, scheme);
            var widths = await open.Page.Locator("img").EvaluateAllAsync<int[]>(
                "images => Promise.all(images.map(i => i.decode().then(() => i.naturalWidth, () => 0)))");
            Assert.Equal(22, widths.Length);
            Assert.All(widths, w => Assert.Equal(320, w));
            Assert.Equal(4, await open.Page.Locator("section.group").CountAsync());
            Assert.Equal(["and 2 more"], await open.Page.Locator("section > ul + p.facts").AllInnerTextsAsync());
            Assert.Contains(
                $"!/{Hostile}", await open.Page.Locator("figcaption bdi:not(.key)").AllInnerTextsAsync());
            Assert.Contains(Hostile, await open.Page.Locator("p.keys bdi").AllInnerTextsAsync());
            Assert.Equal(width, await open.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
            var dark = await open.Page.EvaluateAsync<bool>(
                "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every(v => v < 60)");
            Assert.Equal(scheme == ColorScheme.Dark, dark);
            Assert.Equal([new Uri(At).AbsoluteUri], open.Requests.Where(r => !r.StartsWith("data:", StringComparison.Ordinal)));
            Assert.Empty(open.Complaints);
        }

        // The policy is in force: what came into the page by a mistake could not run, nor ask for anything.
        var text = await File.ReadAllTextAsync(At, Token);
        await File.WriteAllTextAsync(
            At,
            text.Replace("</main>", "<script>document.title = 'ran'</script><img src=\"other.png\"></main>", StringComparison.Ordinal),
            Token);
        await using var broken = await chromium.OpenAsync(new Uri(At));
        Assert.StartsWith("Match groups", await broken.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(2, broken.Complaints.Count);
    }

    [Theory]
    [InlineData(GalleryOrder.Doubt)]
    [InlineData(GalleryOrder.Size)]
    internal async Task ReadAsync_InAnOrder_GivesTheFirstGroupsOfIt(GalleryOrder order)
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, embeddings) = await FillAsync(database, [2, 15, 3, 5, 4]);
        var expected = (await database.QueryAsync("select group_id, size, weakest_merge, medoid from cpf.groups"))
            .Select(r => (Id: (long)r[0]!, Size: (int)r[1]!, Weakest: (double)r[2]!, Medoid: (long)r[3]!))
            .OrderBy(r => order == GalleryOrder.Size ? -r.Size : r.Weakest).ThenBy(r => r.Id).Take(3).ToList();

        var (_, groups) = (await new GalleryReader(database.DataSource).ReadAsync(Request(order: order, top: 3), Token))!.Value;

        Assert.Equal(expected.Select(g => (g.Id, g.Size, g.Weakest)), groups.Select(g => (g.GroupId, g.Size, g.WeakestMerge)));
        foreach (var (group, medoid) in groups.Zip(expected.Select(e => e.Medoid)))
        {
            Assert.Equal(Math.Min(12, group.Size), group.Pictures.Count);
            Assert.Equal((medoid, true), (group.Pictures[0].ContentId, group.Pictures[0].IsMedoid));
            Assert.Equal(group.Pictures.Skip(1).OrderByDescending(p => p.ToMedoid), group.Pictures.Skip(1));
            Assert.All(group.Pictures, p => Assert.Equal(
                p.IsMedoid ? 1 : NaiveMatching.Quotient(NaiveMatching.Similarity(embeddings[p.ContentId], embeddings[medoid]), 1),
                p.ToMedoid!.Value, 1e-6));
        }

        Assert.Equal(catalogue.Threshold, catalogue.Model.Threshold);
    }

    [Fact]
    public async Task ReadAsync_OfASource_GivesOnlyItsGroups()
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, [2, 3, 5]);
        var (group, member) = (await database.QueryAsync(
            "select group_id, max(content_id) from cpf.group_members group by group_id order by count(*), group_id offset 1 limit 1"))
            .Select(r => ((long)r[0]!, (long)r[1]!)).Single();
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key)
            values ($1, 'other', 'x', 'x', $2, 'stored', 1, 'gtin:1')
            """, ImageId.From("other", "x"), member);

        var (head, groups) = (await new GalleryReader(database.DataSource).ReadAsync(Request(source: "other"), Token))!.Value;

        Assert.Equal((1, 3), (head.Groups, head.Pictures));
        Assert.Equal([group], groups.Select(g => g.GroupId));
        Assert.Equal(["gtin:1"], groups[0].Keys);
        Assert.Equal(["other/x gtin:1", $"s/{member} "], groups[0].Pictures.Single(p => p.ContentId == member).Listings
            .Select(l => $"{l.Name} {l.ProductKey}"));
    }

    [Fact]
    public async Task ReadAsync_WhatIsNotShownAnyMore_IsLeftOut()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, embeddings) = await FillAsync(database, [4]);
        var ids = embeddings.Keys.Order().ToArray();
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision)
            values ($1, 'other', 'x', 'x', $2, 'stored', 1)
            """, ImageId.From("other", "x"), ids[0]);
        await catalogue.RetractAsync($"{ids[0]}");
        await catalogue.RetractAsync($"{ids[1]}");
        await database.ExecuteAsync("update cpf.contents set state = 'undecodable' where content_id = $1", ids[2]);

        var (_, groups) = (await new GalleryReader(database.DataSource).ReadAsync(Request(), Token))!.Value;

        Assert.Equal([ids[0], ids[3]], groups.Single().Pictures.Select(p => p.ContentId).Order());
        Assert.Equal(
            ["other/x", $"s/{ids[3]}"],
            groups.Single().Pictures.OrderBy(p => p.ContentId).SelectMany(p => p.Listings.Select(l => l.Name)));
        Assert.All(groups.Single().Pictures, p => Assert.Equal(1, p.ListingCount));
    }

    [Fact]
    public async Task File_MadeAfterAnErasure_HasNothingOfWhatIsErased()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, embeddings) = await FillAsync(database, [3, 4]);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        await WriteAsync(database, matcher, Request());
        var before = await File.ReadAllTextAsync(At, Token);
        Assert.All(embeddings.Keys, id => Assert.Contains(Name(id), before, StringComparison.Ordinal));

        // Requested, and not yet finished.
        var erased = embeddings.Keys.Order().Take(2).ToArray();
        var erasures = new CatalogueErasures(catalogue);
        await erasures.EraseImageAsync($"{erased[0]}");
        await erasures.EraseContentAsync(erased[1], [$"{erased[1]}"]);
        var outcome = await WriteAsync(database, matcher, Request());

        var after = await File.ReadAllTextAsync(At, Token);
        Assert.All(erased, id => Assert.DoesNotContain(Name(id), after, StringComparison.Ordinal));
        Assert.All(embeddings.Keys.Except(erased), id => Assert.Contains(Name(id), after, StringComparison.Ordinal));
        Assert.Equal((5, 0), (outcome.Pictures, outcome.Missing));
        Assert.Equal(5, after.Split("<img ").Length - 1);
    }

    [Fact]
    public async Task WriteAsync_NothingToShow_SaysSoAndMakesNoFile()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        var e = await Assert.ThrowsAsync<CommandException>(() => WriteAsync(database, matcher, Request()));
        Assert.Equal((ExitCode.TooLittleData, true), (e.ExitCode, e.Message.EndsWith("no model is active yet", StringComparison.Ordinal)));

        await MatchedCatalogue.CreateAsync(database, 16, 0.9);
        e = await Assert.ThrowsAsync<CommandException>(() => WriteAsync(database, matcher, Request()));
        Assert.EndsWith("no two pictures match yet", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<CommandException>(() => WriteAsync(database, matcher, Request(source: "none")));
        Assert.EndsWith("no group holds a picture of none", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task WriteAsync_MatcherGone_SaysWhatStartsItAndLeavesTheFileFromBefore()
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database, [2]);
        await File.WriteAllTextAsync(At, "before", Token);
        var matcher = await RunningMatcher.StartAsync(database, Token);
        await matcher.DisposeAsync();

        var e = await Assert.ThrowsAsync<ServiceSilentException>(() => WriteAsync(database, matcher, Request()));

        Assert.Contains("infra/cpf up", e.Message, StringComparison.Ordinal);
        Assert.Equal([At], Directory.GetFileSystemEntries(_folder));
        Assert.Equal("before", await File.ReadAllTextAsync(At, Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Name(long contentId) => $"<bdi>s/{contentId.ToString(CultureInfo.InvariantCulture)}</bdi>";

    private GalleryRequest Request(GalleryOrder order = GalleryOrder.Doubt, int top = 100, string? source = null) =>
        new(At, top, order, source);

    private static async Task<GalleryOutcome> WriteAsync(TestDatabase database, RunningMatcher matcher, GalleryRequest request)
    {
        using var client = new ServiceClient("Matcher", TestKey.Client(matcher.Address));
        var told = new List<(int, int)>();
        var outcome = await new GallerySession(database.DataSource, client, TimeProvider.System).WriteAsync(
            request, (done, total) => told.Add((done, total)), Token);
        Assert.Equal((outcome.Pictures + outcome.Missing, outcome.Pictures + outcome.Missing), told[^1]);
        return outcome;
    }

    // A group of each size.
    private static async Task<(MatchedCatalogue Catalogue, Dictionary<long, Half[]> Embeddings)> FillAsync(
        TestDatabase database, int[] sizes)
    {
        var catalogue = await MatchedCatalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, sizes.Length, each: sizes.Max(), dimension: 16)
            .Where((_, i) => i / sizes.Length < sizes[i % sizes.Length]).ToArray();
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
        Assert.Equal(sizes.Length, await database.ScalarAsync<long>("select count(*) from cpf.groups"));
        return (catalogue, pictures.ToDictionary(p => p.ContentId, p => p.Embedding));
    }
}
