using CpfPipeline.Data.Ids;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Intake;

/// <summary>Random sequences of good, malformed, failing and stale updates against a naive model of what is live.</summary>
public sealed class LiveSetTests(TestDatabases databases)
{
    private const int Images = 3;

    private enum UpdateKind
    {
        Good,
        MalformedRevision,
        MalformedField,
        Unreachable,
        NoPicture,
        Retraction,
    }

    private static readonly Gen<Update> Updates = Gen.Select(
        Gen.Enum<UpdateKind>(), Gen.Int[0, Images - 1], Gen.Long[1, 6], Gen.Int[1, 4], (kind, image, revision, picture) =>
            new Update(kind, image, revision, picture));

    [Fact]
    public async Task TakeAsync_AnySequence_LiveShrinksByRetractionOnly()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        await Updates.Array[1, 14].SampleAsync(async updates =>
        {
            await harness.Database.ExecuteAsync("delete from cpf.images");
            var model = new Dictionary<int, (long Revision, int? Picture)>();
            var failed = new Dictionary<int, long>();
            foreach (var batch in updates.Chunk(2))
            {
                await harness.Intake.TakeAsync([.. batch.Select(Entry)], default);
                var before = new Dictionary<int, (long Revision, int? Picture)>(model);
                foreach (var update in batch)
                {
                    Apply(model, update);
                    NoteFailure(failed, update);
                }

                // A good one clears every failure that is no newer: also one whose revision nobody could read.
                var mended = batch.Where(u => u.Kind == UpdateKind.Good && model[u.Image] != before.GetValueOrDefault(u.Image)
                        && failed.GetValueOrDefault(u.Image) <= model[u.Image].Revision
                        && batch.All(other => other.Image != u.Image || other.Kind == UpdateKind.Good))
                    .Select(u => $"{u.Image}").ToArray();
                Assert.Equal(0L, await harness.Database.ScalarAsync<long>(
                    "select count(*) from cpf.images where external_id = any($1) and failed_reason is not null", [mended]));

                Assert.Equal(
                    model.Where(m => m.Value.Picture is not null).Select(m => $"{m.Key} {Content(m.Value.Picture!.Value)}").Order(),
                    await LiveAsync(harness));
            }
        }, iter: 60, threads: 1);
    }

    private enum RowKind
    {
        Good,
        OpenQuote,
        TooManyFields,
        WithoutId,
        MissingFile,
        Left,
    }

    [Fact]
    public async Task Snapshot_AnySequence_RetractsOnlyWhenItWasReadCompletely()
    {
        await using var harness = new IngestHarness(
            await databases.CreateAsync(), new IngestOptions { MaxSnapshotRetractShare = 1, MaxSnapshotRejectedShare = 0.2 });
        for (var i = 0; i < 8; i++)
        {
            harness.Write($"{i}.gif", TestPictures.Gif(i));
        }

        var revision = 1L;
        var rows = Gen.Frequency((6, Gen.Const(RowKind.Good)), (1, Gen.Enum<RowKind>())).Array[8];
        await rows.Array[1, 5].SampleAsync(async feeds =>
        {
            await harness.Database.ExecuteAsync("delete from cpf.images");
            var live = new HashSet<int>();
            foreach (var feed in feeds)
            {
                var lines = feed.Select((row, i) => Line(row, i)).ToArray();
                var path = harness.Write("feed.csv", System.Text.Encoding.UTF8.GetBytes("external_id,title,uri\n" + string.Concat(lines)));
                var ended = await harness.RunFeedAsync(path, "csv", snapshot: true, revision: revision++);
                var listed = feed.Select((row, i) => (row, i)).Where(r => r.row is RowKind.Good or RowKind.MissingFile).Select(r => r.i)
                    .ToHashSet();
                var rejected = feed.Count(row => row is not (RowKind.Good or RowKind.Left));
                var isWhole = !feed.Any(row => row is RowKind.OpenQuote or RowKind.TooManyFields or RowKind.WithoutId)
                    && rejected <= 0.2 * feed.Count(row => row != RowKind.Left);
                live.UnionWith(feed.Select((row, i) => (row, i)).Where(r => r.row == RowKind.Good).Select(r => r.i));
                if (isWhole && feed.Any(row => row != RowKind.Left))
                {
                    live.IntersectWith(listed);
                }

                Assert.Equal(live.Order().Select(i => $"{i} {Content(i)}"), await LiveAsync(harness));
                Assert.Equal(isWhole && feed.Any(row => row != RowKind.Left), ended.State == FeedState.Finished);
            }
        }, iter: 40, threads: 1);

        static string Line(RowKind row, int i) => row switch
        {
            RowKind.Good => $"{i},\"a title, {i}\",{i}.gif\n",
            RowKind.OpenQuote => $"{i},\"open,{i}.gif\n",
            RowKind.TooManyFields => $"{i},a,b,{i}.gif\n",
            RowKind.WithoutId => $",a,{i}.gif\n",
            RowKind.MissingFile => $"{i},a,none{i}.gif\n",
            _ => "",
        };
    }

    private static void Apply(Dictionary<int, (long Revision, int? Picture)> model, Update update)
    {
        if (update.Kind is not (UpdateKind.Good or UpdateKind.Retraction))
        {
            return;
        }

        (long Revision, int? Picture) next = (update.Revision, update.Kind == UpdateKind.Good ? update.Picture : null);
        if (!model.TryGetValue(update.Image, out var now) || Rank(next).CompareTo(Rank(now)) > 0)
        {
            model[update.Image] = next;
        }

        static (long, bool, long) Rank((long Revision, int? Picture) of) =>
            (of.Revision, of.Picture is null, of.Picture is { } picture ? Content(picture) : 0);
    }

    private static void NoteFailure(Dictionary<int, long> failed, Update update)
    {
        if (update.Kind is UpdateKind.MalformedField or UpdateKind.NoPicture or UpdateKind.Unreachable)
        {
            failed[update.Image] = Math.Max(failed.GetValueOrDefault(update.Image), update.Revision);
        }
    }

    private static ImageEntry Entry(Update update)
    {
        var submission = new Submission { Source = "s", ExternalId = $"{update.Image}", Uri = "http://127.0.0.1:1/x",
            Revision = update.Revision };
        var entry = SubmissionRule.ToEntry(update.Kind switch
        {
            UpdateKind.MalformedRevision =>
                submission with { Revision = null, HasMalformedRevision = true, SentAtMilliseconds = 1_795_918_112_240 },
            UpdateKind.MalformedField => submission with { KeyScope = "world" },
            _ => submission,
        });
        return update.Kind switch
        {
            UpdateKind.Good => entry with { Bytes = TestPictures.Gif(update.Picture) },
            UpdateKind.NoPicture => entry with { Bytes = "text"u8.ToArray() },
            UpdateKind.Retraction => SubmissionRule.ToRetraction("s", $"{update.Image}", update.Revision),
            _ => entry,
        };
    }

    private static long Content(int picture) =>
        ContentId.FromSha256(System.Security.Cryptography.SHA256.HashData(TestPictures.Gif(picture)));

    private static async Task<IEnumerable<string>> LiveAsync(IngestHarness harness) =>
        (await harness.Database
            .QueryAsync("select external_id || ' ' || content_id from cpf.images where state = 'stored'")).Select(r =>
                (string)r[0]!).Order();

    private sealed record Update(UpdateKind Kind, int Image, long Revision, int Picture);
}
