using System.Threading.Channels;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Grouping;

/// <summary>
/// The central promise: the partition is a function of the set of contents, their embeddings, the verdicts and the model.
/// </summary>
public sealed class AnyOrderTests(TestDatabases databases)
{
    private const int Dimension = 4;
    private const double Threshold = 0.75;

    // Coarse values, so that similarities tie and hit the threshold exactly all the time.
    private static readonly double[] Coordinates = [-0.5, -0.25, 0, 0.25, 0.5, 0.75];

    [Theory]
    [InlineData(2_000, SearchMode.Auto)]
    [InlineData(3, SearchMode.Auto)]
    [InlineData(2_000, SearchMode.Index)]
    [InlineData(3, SearchMode.Index)]
    public async Task Refresh_AnyOrderDuplicatesTwoMatchersUpdatesRetractionsErasuresVerdicts_GivesTheNaivePartition(
        int maxOnlineComponent, SearchMode search)
    {
        await Gen.Int[0, int.MaxValue].SampleAsync(seed => RunAsync(seed, maxOnlineComponent, search), iter: 12, threads: 1);
    }

    private async Task RunAsync(int seed, int maxOnlineComponent, SearchMode search)
    {
        var random = new Random(seed);
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var database = await databases.CreateAsync(cancellationToken);
        var catalogue = await Catalogue.CreateAsync(database, Dimension, Threshold);
        if (search == SearchMode.Index)
        {
            await database.ExecuteAsync("select cpf.create_embedding_index($1)", catalogue.Model.HeadId);
        }

        // The smallest possible searches: what they do not see must be found out about or reconciled.
        var options = new MatcherOptions
        {
            MaxOnlineComponent = maxOnlineComponent, Search = search, IndexNeighbours = 1
                + random.Next(3), IndexCandidates = 1, GalleryMegabytes = random.Next(2),
            ChunkContents = 1 + random.Next(20),
        };
        using var first = new MatcherInstance(database.DataSource, options);
        using var second = new MatcherInstance(database.DataSource, options);
        MatcherInstance[] matchers = [first, second];
        var queues = matchers.Select(_ => Channel.CreateUnbounded<(bool Verdict, long[] ContentIds)>()).ToArray();
        var workers = matchers.Select((matcher, i) => Task.Run(async () =>
        {
            await foreach (var (verdict, ids) in queues[i].Reader.ReadAllAsync(cancellationToken))
            {
                await (verdict
                    ? matcher.Updater.RecomputeAsync(ids, cancellationToken) : matcher.Updater.RefreshAsync(ids, cancellationToken));
            }
        }, cancellationToken)).ToArray();

        var sent = new List<(bool, long[])>();
        void Send(bool verdict, params long[] ids)
        {
            sent.Add((verdict, ids));
            var copies = random.Next(4) == 0 ? 2 : 1;
            for (var i = 0; i < copies; i++)
            {
                queues[random.Next(2)].Writer.TryWrite((verdict, ids));
            }

            if (random.Next(5) == 0)
            {
                queues[random.Next(2)].Writer.TryWrite(sent[random.Next(sent.Count)]); // Stale.
            }
        }

        var contents = Enumerable.Range(0, 10 + random.Next(25))
            .Select(_ => (Id: random.NextInt64(0, long.MaxValue), Embedding: Enumerable.Range(0, Dimension)
                .Select(_ => (Half)Coordinates[random.Next(Coordinates.Length)]).ToArray()))
            .ToArray();
        var embedded = new HashSet<long>();
        var erasures = new CatalogueErasures(catalogue);
        for (var step = 0; step < 80; step++)
        {
            var image = $"image-{random.Next(40)}";
            var (contentId, embedding) = contents[random.Next(contents.Length)];
            switch (random.Next(20))
            {
                case < 12:
                    if (erasures.Bars(image, contentId))
                    {
                        break;
                    }

                    if (embedded.Add(contentId))
                    {
                        await catalogue.EmbedAsync((contentId, embedding));
                    }

                    var released = catalogue.ShownBy(image);
                    await catalogue.SubmitAsync(image, contentId);
                    Send(false, contentId);
                    if (released is { } old)
                    {
                        Send(false, old);
                    }

                    break;
                case < 14:
                    if (await catalogue.RetractAsync(image) is { } gone)
                    {
                        Send(false, gone);
                    }

                    break;
                case 14:
                    if (await erasures.EraseImageAsync(image) is { } erased)
                    {
                        Send(false, erased);
                    }

                    break;
                case 15 when embedded.Contains(contentId) && random.Next(2) == 0 && !erasures.Bars("", contentId):
                    await erasures.EraseContentAsync(contentId, Enumerable.Range(0, 40).Select(i => $"image-{i}"));
                    Send(false, contentId);
                    break;
                case 15:
                    await erasures.AdvanceAsync();
                    embedded.IntersectWith(await erasures.ReadContentsAsync());
                    break;
                default:
                    var other = contents[random.Next(contents.Length)].Id;
                    if (other != contentId && embedded.Contains(other)
                        && embedded.Contains(contentId) && !erasures.Bars("", other) && !erasures.Bars("", contentId))
                    {
                        await catalogue.JudgeAsync(contentId, other, random.Next(3) switch { 0 => true, 1 => false, _ => null });
                        Send(true, contentId, other);
                    }

                    break;
            }

            if (random.Next(20) == 0)
            {
                await matchers[random.Next(2)].Giants.RunOnceAsync(cancellationToken);
            }

            if (random.Next(25) == 0)
            {
                await matchers[random.Next(2)].Reconciler.RunAsync(cancellationToken);
            }
        }

        foreach (var queue in queues)
        {
            queue.Writer.Complete();
        }

        await Task.WhenAll(workers);
        await first.SettleAsync(cancellationToken);
        await catalogue.AssertExactAsync();
        Assert.Equal(0, await erasures.AdvanceAsync());
        await catalogue.AssertExactAsync();
    }
}
