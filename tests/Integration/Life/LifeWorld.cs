using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Life;

/// <summary>
/// The services' plain classes on a real database, which take every step that <see cref="LifeModel"/> takes. The outbox is delivered by
/// hand.
/// </summary>
internal sealed class LifeWorld : IAsyncDisposable
{
    public const double Threshold = 0.5;

    private readonly ErasureHarness _harness;
    private readonly EmbeddingStore _embeddings;
    private readonly VerdictIntake _verdicts;
    private readonly List<(string Type, JsonNode Body)> _delivered = [];

    private LifeWorld(ErasureHarness harness)
    {
        _harness = harness;
        _embeddings = new EmbeddingStore(Database.DataSource);
        _verdicts = new VerdictIntake(Database.DataSource, new ModelStore(Database.DataSource), harness.Matcher.Updater, (_, _) =>
            Task.CompletedTask);
        Sha256 = [.. Enumerable.Range(0, LifeSteps.Pictures).Select(p => SHA256.HashData(TestPictures.Gif(p)))];
        ContentIds = [.. Sha256.Select(s => ContentId.FromSha256(s))];
        Model = new LifeModel(ContentIds);
    }

    public ErasureHarness Harness => _harness;

    public TestDatabase Database => _harness.Database;

    public IReadOnlyList<byte[]> Sha256 { get; }

    public IReadOnlyList<long> ContentIds { get; }

    public LifeModel Model { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<LifeWorld> StartAsync(TestDatabases databases, MatcherOptions options) =>
        new(await ErasureHarness.StartAsync(databases, Threshold, options));

    /// <summary>What a computation makes of a picture: neighbours are 40 degrees apart and match, the next but one do not.</summary>
    public static Half[] Vector(int picture, int look)
    {
        var angle = ((picture * 40) + (look * 15)) * Math.PI / 180;
        return [(Half)Math.Cos(angle), (Half)Math.Sin(angle)];
    }

    public static (string Source, string ExternalId) Name(int image) => (image % 2 == 0 ? "shop" : "market", $"{image}");

    /// <summary>Takes a step here and in the model; fails when they answer differently.</summary>
    public Task TakeAsync(LifeStep step) => step switch
    {
        LifeStep.SubmitPicture s => SubmitAsync(s),
        LifeStep.SubmitBroken s =>
            ChangeAsync(s.Image, "rejected", Entry(s.Image, s.Revision) with { Reason = LifeModel.Refused }, LifeModel.Refused),
        LifeStep.Announce s => ChangeAsync(s.Image, "received", Entry(s.Image, s.Revision), null),
        LifeStep.RetractPicture s => ChangeAsync(s.Image, "retracted", Entry(s.Image, s.Revision) with { Retract = true }, null),
        LifeStep.JudgePictures s => JudgeAsync(PictureOf(s.A), PictureOf(s.B), s.Word, Model.Judge(s.A, s.B, s.Word)),
        LifeStep.JudgeImages s =>
            JudgeAsync(ImageOf(s.A), ImageOf(s.B), s.Word, Model.Judge(Model.Named(s.A, s.Word), Model.Named(s.B, s.Word), s.Word)),
        LifeStep.EraseImage s => EraseImageAsync(s.Image),
        LifeStep.ErasePicture s => ErasePictureAsync(s.Picture),
        LifeStep.Advance => AdvanceAsync(settled: false),
        LifeStep.Embed s => EmbedAsync(s.Picture, s.Look),
        LifeStep.Deliver s => DeliverAsync(new Random(s.Seed)),
        LifeStep.Redeliver s => _delivered.Count == 0 ? Task.CompletedTask : HandleAsync(_delivered[s.Seed % _delivered.Count]),
        LifeStep.Wait s => WaitAsync(TimeSpan.FromMinutes(s.Minutes)),
        LifeStep.Collect => CollectAsync(),
        LifeStep.ReconcileAll => _harness.Matcher.Reconciler.RunAsync(Token),
        LifeStep.Settle => SettleAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    private async Task SubmitAsync(LifeStep.SubmitPicture s)
    {
        var results = await _harness.Ingest.Intake.TakeAsync(
            [Entry(s.Image, s.Revision) with { Bytes = TestPictures.Gif(s.Picture) }], Token);
        Assert.Equal(Model.Submit(s.Image, s.Picture, s.Revision), results[0].Reason);
    }

    private async Task ChangeAsync(int image, string state, ImageEntry entry, string? reason)
    {
        var results = state == "received"
            ? await _harness.Ingest.Intake.AnnounceAsync([entry], Token) : await _harness.Ingest.Intake.TakeAsync([entry], Token);
        var expected = Model.Change(image, state, entry.Revision) ? LifeModel.Erased : reason;
        if (results[0].Change is not null)
        {
            Assert.Equal(expected, results[0].Reason);
        }
    }

    private async Task JudgeAsync(PictureName a, PictureName b, string word, string expected)
    {
        var outcome = await _verdicts.GiveAsync(new VerdictRequest(a, b, word, "tester", null), Token);
        Assert.Equal(expected, outcome is VerdictOutcome.Refused refused ? refused.Reason : "taken");
    }

    private async Task EraseImageAsync(int image)
    {
        var known = Model.Images.ContainsKey(image);
        var outcome = await _harness.Erasures.RequestImageAsync(
            Name(image).Source, Name(image).ExternalId, new ErasureOrder("officer", null), ErasureMessages.Released, Token);
        Assert.Equal((known || Model.ErasedImages.Contains(image), !known), (outcome is not null, outcome?.Existing ?? true));
        if (known)
        {
            var id = outcome!.Erasure.ErasureId;
            var parts = (await Database.QueryAsync(
                "select content_id, erasure_id from cpf.erasures where tombstone = $1 and erasure_id <> $2 and state <> 'finished'",
                outcome.Erasure.Tombstone, id))
                .ToDictionary(r => ContentIds.ToList().IndexOf((long)r[0]!), r => (long)r[1]!);
            Assert.Equal(Model.EraseImage(image, id), parts.Keys.Order());
            foreach (var (picture, part) in parts)
            {
                Model.ErasePart(picture, part, partOf: id);
            }
        }
    }

    private async Task ErasePictureAsync(int picture)
    {
        var before = Model.ErasedPictures.Contains(picture);
        var outcome = await _harness.RequestAsync(Sha256[picture]);
        Assert.Equal(before, outcome?.Existing ?? false);
        Assert.True(outcome is not null || !(before || Model.Contents.ContainsKey(picture)), "What is stored can be erased.");
        Assert.True(outcome is null || Model.Known.Contains(picture), "Of what was never stored nothing is known.");
        if (outcome is { Existing: false }) // Of what was collected something is known when the history of groups names it.
        {
            Model.ErasePicture(picture, outcome.Erasure.ErasureId);
        }
    }

    private async Task AdvanceAsync(bool settled)
    {
        var unfinished = await _harness.Erasures.ListUnfinishedAsync(100, Token);
        Assert.Equal(Model.Erasures.Keys, unfinished.Select(e => e.ErasureId));
        foreach (var id in unfinished.Select(e => e.ErasureId))
        {
            var erasure = Model.Erasures[id];
            if (erasure is { OfPicture: true, Picture: { } unwanted })
            {
                Model.Blobs.Remove(unwanted); // Of no use to anybody, whatever else has to wait.
            }

            var hasParts = Model.HasParts(id);
            var leaves = erasure.Picture is not { } picture || (!erasure.OfPicture && Model.IsShown(picture));
            var isMember = erasure.Picture is { } member && (await MembersAsync()).Contains(member);
            var finished = await _harness.AdvanceAsync(id);
            Assert.True(finished || hasParts || !(settled || leaves), "Nothing keeps this erasure from its end.");
            Assert.False(finished && hasParts, "What the image showed before is not gone yet.");
            Assert.False(finished && isMember && !leaves, "The Matcher still works with the content.");
            if (finished)
            {
                Model.Finish(id);
            }
        }
    }

    private async Task EmbedAsync(int picture, int look)
    {
        long[] ids = [ContentIds[picture]];
        var (head, backbone) = (_harness.Model.HeadId, _harness.Model.BackboneId);
        var commit = await CommitAsync(new EmbeddingBatch(
            [head], [new FeatureRows(backbone, ids, [new Half[8]])], [new EmbeddingRows(head, backbone, ids, [Vector(picture, look)])],
            new Dictionary<long, IReadOnlyList<long>>()));
        if (commit.Overtaken.Count > 0)
        {
            await AnnounceEmbeddedAsync(ids); // What the Embedder does: it looks again, and finds everything there.
        }

        Model.Embed(picture, look);
    }

    private Task AnnounceEmbeddedAsync(long[] ids) =>
        CommitAsync(new EmbeddingBatch(
            [_harness.Model.HeadId], [], [], new Dictionary<long, IReadOnlyList<long>> { [_harness.Model.HeadId] = ids }));

    private Task<EmbeddingCommit> CommitAsync(EmbeddingBatch batch) => _embeddings.CommitAsync(
        batch,
        (embedded, replaced) =>
        [
            .. embedded.Where(e => e.Value.Count > 0).Select(e => new ContentsEmbedded { HeadId = e.Key, ContentIds = e.Value }),
            .. replaced.Select(id => new ContentReleased { ContentIds = [id] }),
        ],
        Token);

    private async Task<int> DeliverAsync(Random random)
    {
        var rows = (await Database.QueryAsync("delete from cpf.outbox returning type, payload::text"))
            .Select(r => ((string)r[0]!, JsonNode.Parse((string)r[1]!)!)).ToArray();
        random.Shuffle(rows);
        foreach (var message in rows)
        {
            await HandleAsync(message);
        }

        _delivered.AddRange(rows);
        return rows.Length;
    }

    private async Task HandleAsync((string Type, JsonNode Body) message)
    {
        var body = message.Body;
        switch (message.Type)
        {
            case nameof(ContentStored) when Model.Looks.ContainsKey(ContentIds.ToList().IndexOf(JsonId.Of(body["contentId"]))):
                await AnnounceEmbeddedAsync([JsonId.Of(body["contentId"])]);
                break;
            case nameof(ContentsEmbedded) or nameof(ContentReleased):
                await _harness.Matcher.Updater.RefreshAsync([.. body["contentIds"]!.AsArray().Select(JsonId.Of)], Token);
                break;
            case nameof(VerdictGiven):
                await _harness.Matcher.Updater.RecomputeAsync([JsonId.Of(body["contentA"]), JsonId.Of(body["contentB"])], Token);
                break;
        }
    }

    private async Task WaitAsync(TimeSpan time)
    {
        await Database.ExecuteAsync("update cpf.unreferenced_contents set since = since - $1", time);
        Model.Wait(time);
    }

    private async Task CollectAsync()
    {
        var members = await MembersAsync();
        Assert.Equal(await _harness.NewCollection(TimeSpan.FromHours(1)).RunAsync(Token), Model.Collect(members));
    }

    private async Task SettleAsync()
    {
        await DeliverAllAsync();
        await _harness.Matcher.SettleAsync(Token);
        await DeliverAllAsync();
        await AdvanceAsync(settled: true); // What erased images showed before,
        await AdvanceAsync(settled: true); // then what they showed last.
        await LifeChecks.AssertSettledAsync(this);
    }

    private async Task DeliverAllAsync()
    {
        while (await DeliverAsync(new Random(1)) > 0)
        {
        }
    }

    private async Task<HashSet<int>> MembersAsync() =>
        [.. (await Database.QueryAsync("select content_id from cpf.group_members")).Select(r => ContentIds.ToList().IndexOf((long)r[0]!))];

    private static ImageEntry Entry(int image, long revision) => new()
    {
        Source = Name(image).Source, ExternalId = Name(image).ExternalId, Uri = $"http://pictures/{image}.gif", Revision = revision,
    };

    private PictureName PictureOf(int picture) => new(null, null, Convert.ToHexStringLower(Sha256[picture]));

    private static PictureName ImageOf(int image) => new(Name(image).Source, Name(image).ExternalId, null);
}
