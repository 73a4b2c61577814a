using CpfPipeline.Contracts;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Intake;

public sealed class ImageIntakeTests(TestDatabases databases)
{
    [Fact]
    public async Task TakeAsync_MixedBatch_StoresTheGoodAndRejectsTheBad()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        harness.Options.FileRoots.Add(Path.Combine(harness.Folder, "in"));
        await using var rooted = new IngestHarness(await databases.CreateAsync(), harness.Options);
        var good = harness.Write("good.gif", TestPictures.Gif(1));
        Directory.CreateSymbolicLink(Path.Combine(harness.Folder, "in", "etc"), "/etc");
        ImageEntry[] entries =
        [
            Entry("good", ImageUri.FromPath(good)),
            Entry("copy", ImageUri.FromPath(harness.Write("a b%20#.gif", TestPictures.Gif(1)))),
            Entry("text", ImageUri.FromPath(harness.Write("text.jpg", "no picture"u8.ToArray()))),
            Entry("empty", ImageUri.FromPath(harness.Write("empty.jpg", []))),
            Entry("none", ImageUri.FromPath($"{harness.Folder}/in/none.jpg")),
            Entry("outside", "file:///etc/passwd"),
            Entry("link", ImageUri.FromPath($"{harness.Folder}/in/etc/passwd")),
            Entry("dots", $"file://{harness.Folder}/in/../../../etc/passwd"),
            Entry("private", "http://127.0.0.1:1/x.jpg"),
            Entry("numeric", "http://2130706433/x.jpg"),
            Entry("mapped", "http://[::ffff:127.0.0.1]/x.jpg"),
            SubmissionRule.ToRetraction("s", "gone", 1),
        ];
        var results = await rooted.Intake.TakeAsync(entries, default);
        Assert.Equal(
            [
                null, null, RejectReasons.UnsupportedFormat, RejectReasons.EmptyFile, RejectReasons.NotFound, RejectReasons.OutsideRoots,
                RejectReasons.OutsideRoots,
                RejectReasons.OutsideRoots, RejectReasons.PrivateAddress, RejectReasons.PrivateAddress, RejectReasons.PrivateAddress, null,
            ],
            results.Select(r => r.Reason));
        Assert.Equal(1L, await rooted.Database.ScalarAsync<long>("select count(*) from cpf.contents"));
        Assert.True(await rooted.Blobs.ExistsAsync(results[0].Change!.Content!.Sha256, default));
        Assert.Equal(1, rooted.Published.Count(m => m.Type == nameof(ContentStored)));
        Assert.Equal(9, rooted.Published.Count(m => m.Type == nameof(ImageRejected)));
        Assert.Contains(("gone", "retracted"), await rooted.StatesAsync());
    }

    [Fact]
    public async Task TakeAsync_SameBatchTwice_ChangesNothing()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        ImageEntry[] entries = [Upload("a", 1, 1), Upload("b", 2, 1), SubmissionRule.ToRetraction("s", "c", 1)];
        await harness.Intake.TakeAsync(entries, default);
        harness.Published.Clear();
        var again = await harness.Intake.TakeAsync(entries, default);
        Assert.All(again, r => Assert.Equal(ImageEffect.Unchanged, r.Effect));
        Assert.Empty(harness.Published);
    }

    [Fact]
    public async Task TakeAsync_LateOlderSubmission_DoesNotResurrect()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        await harness.Intake.TakeAsync([SubmissionRule.ToRetraction("s", "a", 5)], default);
        Assert.Equal(ImageEffect.Stale, (await harness.Intake.TakeAsync([Upload("a", 1, 4)], default))[0].Effect);
        Assert.Equal(ImageEffect.Stale, (await harness.Intake.TakeAsync([Upload("a", 1, 5)], default))[0].Effect);
        Assert.Equal(ImageEffect.Changed, (await harness.Intake.TakeAsync([Upload("a", 1, 6)], default))[0].Effect);
    }

    [Fact]
    public async Task TakeAsync_SeveralForOneImage_TheNewestWins()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        var results = await harness.Intake.TakeAsync([Upload("a", 1, 2), Upload("a", 2, 3), Upload("a", 2, 3), Upload("a", 3, 1)], default);
        Assert.Equal([ImageEffect.Stale, ImageEffect.Changed, ImageEffect.Unchanged, ImageEffect.Stale], results.Select(r => r.Effect));
        Assert.Single(harness.Published);
    }

    [Fact]
    public async Task AnnounceAsync_ImagesOfWhichTheRowSaysSomethingElse_AreInTheDatabaseUntilTheyAreTaken()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        const string Refused = "http://127.0.0.1/a.gif";
        await harness.Intake.TakeAsync(
            [
                Upload("live", 1, 1), Entry("rejected", Refused) with { Revision = 1 }, SubmissionRule.ToRetraction("s", "retracted", 1),
            ], default);
        ImageEntry[] next =
            [Entry("live", Refused), Entry("rejected", Refused), Entry("retracted", Refused), Entry("new", Refused)];

        await harness.Intake.AnnounceAsync(next, default);

        const string Waiting = "select external_id || ' ' || s.revision from cpf.submissions s join cpf.images using (image_id) order by 1";
        Assert.Equal(["live 2", "rejected 2", "retracted 2"], (await harness.Database.QueryAsync(Waiting)).Select(r => (string)r[0]!));

        await harness.Intake.TakeAsync(next, default);

        Assert.Empty(await harness.Database.QueryAsync(Waiting));
    }

    [Fact]
    public async Task SweepAsync_SubmissionsWhoseCommandsWereLost_ForgetsTheOutdatedAndTheOld()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        await harness.Intake.TakeAsync([Upload("live", 1, 2), Upload("old", 2, 1)], default);
        var now = TimeProvider.System.GetUtcNow();
        await harness.Database.ExecuteAsync(
            """
            insert into cpf.submissions (image_id, uri, key_scope, revision, submitted_at)
            select i.image_id, 'http://h/x.gif', 'source', r.revision, $1::timestamptz - make_interval(days => r.days)
            from (values ('live', 1, 0), ('live', 2, 0), ('live', 3, 29), ('old', 3, 31)) as r(external_id, revision, days)
            join cpf.images i using (external_id)
            """, now);

        Assert.Equal((1, 1), await WaitingSubmissions.SweepAsync(
            harness.Database.DataSource, now - SubmissionSweepLoop.Patience, default));

        Assert.Equal(
            ["live 2", "live 3"],
            (await harness.Database.QueryAsync(
                "select external_id || ' ' || s.revision from cpf.submissions s join cpf.images using (image_id) order by 1"))
                .Select(r => (string)r[0]!));
    }

    [Fact]
    public async Task AnnounceAsync_Entries_AreReceivedWithTheirCommandsOrRejected()
    {
        await using var harness = new IngestHarness(await databases.CreateAsync());
        await harness.Intake.TakeAsync([Upload("live", 1, 1)], default);
        harness.Published.Clear();
        await harness.Intake.AnnounceAsync(
            [Entry("new", "http://h/x.jpg"), Entry("live", "http://h/y.jpg"), Entry("bad", "ftp://b/x")], default);
        Assert.Equal([("bad", "rejected"), ("live", "stored"), ("new", "received")], await harness.StatesAsync());
        Assert.Equal([nameof(ImageRejected), nameof(SubmitImage), nameof(SubmitImage)], harness.Published.Select(m => m.Type).Order());
    }

    private static ImageEntry Entry(string externalId, string uri) =>
        SubmissionRule.ToEntry(new Submission { Source = "s", ExternalId = externalId, Uri = uri, Revision = 2 });

    private static ImageEntry Upload(string externalId, int picture, long revision) =>
        new() { Source = "s", ExternalId = externalId, Uri = "upload:x", Revision = revision, Bytes = TestPictures.Gif(picture) };
}
