using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Cli.Verifications;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Tests.Integration.Cli.Backups;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Verifications;

/// <summary>Every kind of fault, each made on purpose: found, and repaired as far as it can be.</summary>
public sealed class VerifySessionTests(TestDatabases databases)
{
    private const string WebP = "RIFF\u0004\0\0\0WEBP";
    private static readonly string[] Unrepairable = [FaultKind.ErasedRow, FaultKind.ModelFile];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_EachKindOfFault_IsFoundWithoutAChangeAndRepaired()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        var harness = world.Harness;
        await FillAsync(harness);
        Assert.Empty((await RunAsync(world)).Faults.Kinds);

        await BreakAsync(world);
        var (rows, files) = (await BackedUpWorld.RowsAsync(harness.Database), Files(world));
        var found = (await RunAsync(world)).Faults.Kinds;
        Assert.Equal(
            new SortedDictionary<string, long>(StringComparer.Ordinal)
            {
                [FaultKind.BlobMissing] = 1, [FaultKind.BlobDamaged] = 1, [FaultKind.BlobOrphaned] = 1, [FaultKind.ModelFile] = 1,
                [FaultKind.RenditionDamaged] = 1, [FaultKind.RenditionOrphaned] = 1, [FaultKind.Leftover] = 1, [FaultKind.ErasedBytes] = 1,
                [FaultKind.ErasedRow] = 2, [FaultKind.EmbeddingMissing] = 1, [FaultKind.EmbeddingOrphaned] = 1, [FaultKind.MemberGone] = 1,
                [FaultKind.MemberMissing] = 1, [FaultKind.GroupRow] = 2, [FaultKind.MatchOrphaned] = 1, [FaultKind.ComponentApart] = 1,
                [FaultKind.EdgeMissed] = 1, [FaultKind.GroupsDiffer] = 1,
            },
            new SortedDictionary<string, long>(found.ToDictionary(f => f.Key, f => f.Value.Count), StringComparer.Ordinal));
        Assert.Equal(rows, await BackedUpWorld.RowsAsync(harness.Database));
        Assert.Equal(files, Files(world));

        var repaired = (await RunAsync(world, repair: true)).Faults;
        Assert.Equal(Unrepairable.Order(), repaired.Kinds.Where(f => f.Value.Repaired < f.Value.Count).Select(f => f.Key).Order());
        Assert.Equal(3, repaired.Left);
        Assert.All(Unrepairable, kind => Assert.NotNull(repaired.Kinds[kind].Why));
        await DeliverAsync(harness);

        Assert.Equal(Unrepairable.Order(), (await RunAsync(world)).Faults.Kinds.Keys.Order());
    }

    [Fact]
    public async Task Run_SameVerdictAcrossComponentsThatAreNotSimilar_IsFoundAndTellsWhatStands()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        await FillAsync(world.Harness);
        var (a, b) = (Math.Min(Id(5), Id(6)), Math.Max(Id(5), Id(6)));
        await world.Harness.Database.ExecuteAsync(
            "insert into cpf.verdicts (content_a, content_b, verdict, who) values ($1, $2, 'same', 'ann')", a, b);

        var faults = (await RunAsync(world, repair: true)).Faults;

        Assert.Equal([FaultKind.EdgeMissed], faults.Kinds.Keys);
        Assert.Equal("same", await world.Harness.Database.ScalarAsync<string>("select payload->>'verdict' from cpf.outbox"));
        await DeliverAsync(world.Harness);
        Assert.Empty((await RunAsync(world)).Faults.Kinds);
    }

    [Fact]
    public async Task Run_PictureRejectedForItsDamagedBytes_IsAskedForAgainAndAccepted()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        await FillAsync(world.Harness);
        await File.WriteAllTextAsync(PathOf(world, 6), "rotten", Token);
        await new ContentRejectionStore(world.Harness.Database.DataSource).RejectAsync(
            [new ContentRejection(Id(6), RejectReasons.Undecodable, "ends too soon")], _ => [], Token);
        await world.Harness.DeliverAsync(Sha256(6));

        var faults = (await RunAsync(world, repair: true)).Faults;

        Assert.Equal([FaultKind.BlobDamaged], faults.Kinds.Keys);
        Assert.Equal(0, faults.Left);
        await DeliverAsync(world.Harness);
        Assert.Equal(
            "stored", await world.Harness.Database.ScalarAsync<string>("select state from cpf.images where external_id = 'image 6'"));
        Assert.Equal(TestPictures.Gif(6), await world.Harness.Ingest.Blobs.ReadAsync(Sha256(6), Token));
    }

    [Fact]
    public async Task Run_WhatIsYoungOrUnderWay_IsNoFault()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        var young = SHA256.HashData([1]);
        await world.Harness.Ingest.Blobs.WriteAsync(young, new byte[] { 1 }, Token);
        await world.Harness.SubmitAsync("just submitted", 1);
        var shown = await world.Harness.ShowAsync("erased just now", 2);
        await world.Harness.RequestAsync(shown);
        File.SetLastWriteTimeUtc(PathOf(world, 2), DateTime.UnixEpoch); // Stored weeks ago.
        await world.Harness.RenderAsync(shown);
        foreach (var file in Directory.GetFiles(world.Source.Blobs, "*.webp", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(file, WebP, Token);
        }

        var request = new VerifyRequest { Key = world.Harness.Ingest.Key, Repair = true };
        var session = new VerifySession(world.Harness.Database.DataSource, world.Source.Store, request, TimeProvider.System, (_, _) => { });
        var outcome = await session.RunAsync(Token);

        Assert.Empty(outcome.Faults.Kinds);
        Assert.True(await world.Harness.Ingest.Blobs.ExistsAsync(young, Token));

        // In a backlog it may be as old as it likes.
        var backlog = await RunAsync(world, hasBacklog: true);
        Assert.Empty(backlog.Faults.Kinds);
        Assert.Equal(1, backlog.Waiting);
        Assert.Equal([FaultKind.EmbeddingMissing], (await RunAsync(world)).Faults.Kinds.Keys);
    }

    private static async Task FillAsync(ErasureHarness harness)
    {
        // Five directions, 72 degrees apart: no content of one is similar to one of another.
        foreach (var (picture, direction) in new[] { (1, 0), (2, 0), (10, 0), (3, 1), (4, 1), (5, 2), (6, 3), (8, 4) })
        {
            var angle = direction * Math.Tau / 5;
            await harness.Ingest.Intake.TakeAsync([ErasureHarness.Entry($"image {picture}", picture, revision: picture)], Token);
            await harness.EmbedAsync(picture, Math.Cos(angle), Math.Sin(angle));
        }

        await harness.Database.ExecuteAsync("update cpf.group_members set reconciled = true; delete from cpf.outbox");
        foreach (var file in Directory.GetFiles(Path.Combine(harness.Ingest.Folder, "blobs"), "*.webp", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(file, WebP, Token);
        }
    }

    private static async Task BreakAsync(BackedUpWorld world)
    {
        var (database, harness) = (world.Harness.Database, world.Harness);
        await harness.Ingest.Intake.TakeAsync([ErasureHarness.Entry("image 7", 7, revision: 7)], Token);
        await harness.Ingest.Intake.TakeAsync([ErasureHarness.Entry("image 9", 9, revision: 9)], Token);
        await database.ExecuteAsync("delete from cpf.outbox");

        File.Delete(PathOf(world, 1));
        await File.WriteAllTextAsync(PathOf(world, 2), "other bytes", Token);
        await File.WriteAllTextAsync(PathOf(world, 3) + ".320.webp", WebP[..^1], Token);
        var old = DateTime.UnixEpoch;
        foreach (var path in new[] { Path.Combine(world.Source.Blobs, "00", "00", new string('0', 64)),
            Path.Combine(world.Source.Blobs, "11", "11", new string('1', 64) + ".320.webp"), PathOf(world, 4) + ".abc.tmp" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, WebP, Token);
            File.SetLastWriteTimeUtc(path, old);
        }

        await database.ExecuteAsync("update cpf.heads set sha256 = sha256('another')");
        File.Delete(Path.Combine(world.Source.Blobs, PathOfHash(SHA256.HashData("heads"u8))));
        await database.ExecuteAsync(
            """
            delete from cpf.images where external_id = 'image 9';
            update cpf.contents set state = 'erased' where not exists (select from cpf.images i where i.content_id = contents.content_id);
            """);
        await database.ExecuteAsync(
            """
            with e as (
                insert into cpf.erasures (scope, tombstone, state, finished_at, who, record_hash)
                values ('content', $1, 'finished', now(), 'officer', sha256('r')) returning erasure_id
            )
            insert into cpf.tombstones (hash, kind, erasure_id) select $1, 'content', erasure_id from e
            """, harness.Ingest.Key.OfContent(Sha256(10)));
        await database.ExecuteAsync(
            """
            insert into cpf.embeddings select head_id, 77, '[0,1]' from cpf.heads;
            insert into cpf.matches select head_id, 78, 79, 0.9 from cpf.heads;
            insert into cpf.group_members select model_id, 80, 80, 80, false, true from cpf.models;
            insert into cpf.groups select model_id, 81, 2, 1, 81, 1 from cpf.models;
            insert into cpf.group_merges select model_id, 81, 82, 1 from cpf.models;
            """);
        await database.ExecuteAsync("delete from cpf.group_members where content_id = $1", Id(8));
        await database.ExecuteAsync("update cpf.groups set weakest_merge = 0.75 where group_id = $1", new[] { 1, 2, 10 }.Min(Id));
        var (low, high) = (Math.Min(Id(3), Id(4)), Math.Max(Id(3), Id(4)));
        await database.ExecuteAsync(
            "update cpf.group_members set group_id = content_id, component_id = content_id where content_id = $1", high);
        await database.ExecuteAsync("delete from cpf.groups where group_id = $1", low);
        await database.ExecuteAsync("delete from cpf.group_merges where \"left\" = $1", low);
        await database.ExecuteAsync(
            "update cpf.group_members set component_id = $1 where content_id = $2", Math.Min(Id(5), Id(6)), Math.Max(Id(5), Id(6)));
    }

    private static async Task<VerifyOutcome> RunAsync(BackedUpWorld world, bool repair = false, bool hasBacklog = false)
    {
        var request = new VerifyRequest
        {
            Key = world.Harness.Ingest.Key, Repair = repair, Grace = TimeSpan.Zero, HasBacklog = hasBacklog,
        };
        return await new VerifySession(world.Harness.Database.DataSource, world.Source.Store, request, TimeProvider.System, (_, _) => { })
            .RunAsync(Token);
    }

    // As the services would, whose messages these are.
    private static async Task DeliverAsync(ErasureHarness harness)
    {
        foreach (var row in await harness.Database.QueryAsync("select type, payload::text from cpf.outbox order by seq"))
        {
            T Message<T>() => JsonSerializer.Deserialize<T>((string)row[1]!, OutboxStore.Json)!;
            switch ((string)row[0]!)
            {
                case nameof(VerdictGiven):
                    var verdict = Message<VerdictGiven>();
                    await harness.Matcher.Updater.RecomputeAsync([verdict.ContentA, verdict.ContentB], Token);
                    break;
                case nameof(ContentReleased):
                    await harness.Matcher.Updater.RefreshAsync(Message<ContentReleased>().ContentIds, Token);
                    break;
                case nameof(EmbedContents):
                    Assert.Equal([Id(7)], Message<EmbedContents>().ContentIds);
                    await harness.EmbedAsync(7);
                    await File.WriteAllTextAsync(PathIn(harness, 7) + ".320.webp", WebP, Token);
                    await File.WriteAllTextAsync(PathIn(harness, 7) + ".960.webp", WebP, Token);
                    await File.WriteAllTextAsync(PathIn(harness, 7) + ".picture.webp", WebP, Token);
                    break;
                case nameof(SubmitImage):
                    var order = Message<SubmitImage>();
                    var picture = int.Parse(order.ExternalId.AsSpan("image ".Length), null);
                    await harness.Ingest.Intake.TakeAsync(
                        [ErasureHarness.Entry(order.ExternalId, picture, order.ProductKey, order.Source, order.Revision)], Token);
                    break;
            }
        }

        await harness.Database.ExecuteAsync("update cpf.group_members set reconciled = true");
    }

    private static List<string> Files(BackedUpWorld world) =>
        [.. Directory.GetFiles(world.Source.Blobs, "*", SearchOption.AllDirectories).Order()];

    private static byte[] Sha256(int picture) => SHA256.HashData(TestPictures.Gif(picture));

    private static long Id(int picture) => ContentId.FromSha256(Sha256(picture));

    private static string PathOf(BackedUpWorld world, int picture) => PathIn(world.Harness, picture);

    private static string PathIn(ErasureHarness harness, int picture) =>
        Path.Combine(harness.Ingest.Folder, "blobs", PathOfHash(Sha256(picture)));

    private static string PathOfHash(byte[] sha256) =>
        Convert.ToHexStringLower(sha256) is var name ? Path.Combine(name[..2], name[2..4], name) : "";
}
