using CpfPipeline.Tests.Oracle;
using Pgvector;
using Xunit;

namespace CpfPipeline.Tests.Integration.Life;

/// <summary>Compares the database with the model.</summary>
internal static class LifeChecks
{
    /// <summary>What holds at any moment: rows of images and contents, bytes, embeddings and verdicts.</summary>
    public static async Task AssertSameAsync(LifeWorld world)
    {
        var (database, model) = (world.Database, world.Model);
        int? Picture(object? id) => id is null ? null : world.ContentIds.ToList().IndexOf((long)id);

        var images = await database.QueryAsync(
            """
            select i.external_id, i.state, i.revision, i.content_id, i.reject_reason, i.applied_revision, i.failed_revision,
                i.failed_reason,
                   u.content_id, u.revision
            from cpf.images i
            left join cpf.image_updates u using (image_id)
            order by i.external_id
            """);
        Assert.Equal(
            model.Images.Select(i => (i.Key, i.Value)),
            images.Select(r =>
                (int.Parse((string)r[0]!, null), new LifeModel.LifeImage((string)r[1]!, (long)r[2]!, Picture(r[3]), (string?)r[4])
            {
                Applied = (long?)r[5],
                Failed = r[6] is long failed ? (failed, (string)r[7]!) : null,
                Waiting = Picture(r[8]) is { } waiting ? (waiting, (long)r[9]!) : null,
            })));

        var former = await database.QueryAsync(
            """
            select distinct i.external_id, h.content_id from cpf.image_contents h left join cpf.images i using (image_id)
                where h.content_id is not null
            """);
        Assert.Equal(model.Former, former.Select(r => (int.Parse((string)r[0]!, null), Picture(r[1])!.Value)).Order());

        var contents = await database.QueryAsync("select content_id, state from cpf.contents");
        Assert.Equal(model.Contents.Select(c => (c.Key, c.Value)), contents.Select(r => (Picture(r[0])!.Value, (string)r[1]!)).Order());

        var embeddings = await database.QueryAsync("select content_id, embedding from cpf.embeddings");
        Assert.Equal(
            model.Looks.Select(l => (l.Key, string.Join(' ', LifeWorld.Vector(l.Key, l.Value)))),
            embeddings.Select(r => (Picture(r[0])!.Value, string.Join(' ', ((HalfVector)r[1]!).ToArray()))).Order());

        var verdicts = await database.QueryAsync("select content_a, content_b, verdict = 'same' from cpf.verdicts");
        Assert.Equal(
            model.Verdicts.Select(v => (v.Key, v.Value)),
            verdicts.Select(r => (Ascending(Picture(r[0])!.Value, Picture(r[1])!.Value), (bool)r[2]!)).Order());

        var unreferenced = await database.QueryAsync("select content_id from cpf.unreferenced_contents");
        Assert.Equal(model.Unreferenced.Keys, unreferenced.Select(r => Picture(r[0])!.Value).Order());

        for (var picture = 0; picture < LifeSteps.Pictures; picture++)
        {
            Assert.Equal(
                (picture, model.Blobs.Contains(picture)),
                (picture, await world.Harness.Ingest.Blobs.ExistsAsync(world.Sha256[picture], TestContext.Current.CancellationToken)));
        }

        // Whatever is late: nothing is grouped that does not exist.
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select count(*) from cpf.group_members where content_id not in (select content_id from cpf.contents)"));
    }

    /// <summary>What holds once nothing is under way: the groups, their history, and that of erased contents nothing is left.</summary>
    public static async Task AssertSettledAsync(LifeWorld world)
    {
        var model = world.Model;
        (long, long) Pair((int A, int B) pair) => (world.ContentIds[pair.A], world.ContentIds[pair.B]);
        var expected = NaiveMatching.Partition(
            model.Live.ToDictionary(p => world.ContentIds[p], p => LifeWorld.Vector(p, model.Looks[p])), LifeWorld.Threshold,
            [.. model.Verdicts.Where(v => v.Value).Select(v => Pair(v.Key))],
            [.. model.Verdicts.Where(v => !v.Value).Select(v => Pair(v.Key))]);
        var members = await world.Database.QueryAsync(
            "select content_id, group_id, component_id, pending, reconciled from cpf.group_members order by content_id");
        Assert.Equal(
            expected.Groups.OrderBy(g => g.Key).Select(g => (g.Key, g.Value, expected.Components[g.Key], false, true)),
            members.Select(r => ((long)r[0]!, (long)r[1]!, (long)r[2]!, (bool)r[3]!, (bool)r[4]!)));
        await world.Harness.AssertHistoryAsync();

        Assert.Empty(model.Erasures);
        Assert.Empty(await world.Database.QueryAsync(
            """
            select p.erasure_id from cpf.tombstones t join cpf.erasures e using (erasure_id)
                join cpf.erasures p on p.tombstone = t.hash where p.finished_at > e.finished_at
            """));
        foreach (var picture in model.ErasedPictures)
        {
            Assert.Empty(await world.Harness.TracesAsync(world.Sha256[picture]));
        }
    }

    private static (int A, int B) Ascending(int a, int b) => (Math.Min(a, b), Math.Max(a, b));
}
