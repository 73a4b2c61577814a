using System.Security.Cryptography;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Backups;

public sealed class BackupRestoreTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_SecondBackup_BringsBackEveryRowAndBlobAndRepeatsWhatWasErasedSince()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        var shoe = await world.Harness.ShowAsync("shoe", 1, productKey: "gtin:1");
        await world.Harness.ShowAsync("shoe again", 2);
        var soon = await world.Harness.ShowAsync("erased before", 3, 0, 1);
        var later = await world.Harness.ShowAsync("erased after", 4, 0, 1);
        await world.Harness.Database.ExecuteAsync(
            """
            insert into cpf.verdicts (content_a, content_b, verdict, who)
            select min(content_id), max(content_id), 'same', 'ann' from cpf.images where external_id in ('shoe', 'shoe again');
            insert into cpf.feeds (source, path, format, state, revision) values ('shop', '/feed.csv', 'csv', 'finished', 5);
            insert into cpf.page_keys (name, xml) values ('key', '<key/>');
            """);

        var first = await world.Session().RunAsync(mayShrink: false, keep: 1, Token);
        Assert.Equal((6, 6, 0, 0), (first.Manifest.Blobs, first.NewBlobs, first.Removed, first.Manifest.Missing));

        await world.EraseAsync(soon);
        var added = await world.Harness.ShowAsync("added", 5, 0, 1);
        var second = await world.Session().RunAsync(mayShrink: false, keep: 1, Token);
        Assert.Equal((6, 1, 1, 1), (second.Manifest.Blobs, second.NewBlobs, second.Removed, second.NewRecords));
        Assert.False(File.Exists(world.Folder.Blob(Convert.ToHexStringLower(soon))));
        Assert.Single(Directory.GetDirectories(world.Folder.Backups));
        Assert.Empty(FilesWith(world.Folder.Root, File.ReadAllText(world.Source.TombstoneKey)));
        var rows = await BackedUpWorld.RowsAsync(world.Harness.Database, "outbox", "kept_locks", "page_keys");

        var (database, target, outcome) = await world.RestoreAsync();
        await using var restored = database;
        Assert.Equal((6, 0), (outcome.Blobs, outcome.Erased));
        Assert.Equal(rows, await BackedUpWorld.RowsAsync(database, "outbox", "kept_locks", "page_keys"));
        Assert.Empty(await database.QueryAsync("select from cpf.page_keys")); // Whoever has them can sign a browser in.
        Assert.Equal(await BackedUpWorld.RightsAsync(world.Harness.Database), await BackedUpWorld.RightsAsync(database));
        Assert.Equal("f t", await database.ScalarAsync<string>(
            """
            select has_database_privilege('cpf_reader', current_database(), 'temporary')::text::char || ' '
                || has_database_privilege('cpf_service', current_database(), 'temporary')::text::char
            """));
        var blobs = new FolderBlobStore(target.Blobs);
        foreach (var sha256 in new[] { shoe, later, added })
        {
            Assert.Equal(sha256, SHA256.HashData(await blobs.ReadAsync(sha256, Token)));
        }

        Assert.Equal(0, await world.Repeat(database, target).RunAsync(Token));

        // A restore that was cut off before its end goes on; one that was finished is not done again.
        await database.ExecuteAsync("update cpf.kept_locks set holder_pid = 1");
        Assert.Contains("not empty", (await RefusedAsync(world, target, null)).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(target.Unfinished, second.Manifest.Id, Token);
        await new RestoreSession(target, world.Folder, (_, _) => { }).RunAsync(RestoreSession.Open(world.Folder), null, false, Token);
        Assert.False(File.Exists(target.Unfinished));
        Assert.Empty(await database.QueryAsync("select from cpf.kept_locks where holder_pid is not null"));

        // What is erased after the backup does not come back; the record alone was copied since.
        await world.EraseAsync(later);
        const string Receipts = "select erasure_id, who, requested_at, tombstone from cpf.erasures order by erasure_id";
        var receipt = await world.Harness.Database.QueryAsync(Receipts);
        Assert.Equal(1, await world.Session().CopyErasuresAsync(Token));
        var (again, elsewhere, left) = await world.RestoreAsync();
        await using var repeated = again;
        Assert.Equal((5, 1), (left.Blobs, left.Erased));
        Assert.False(await new FolderBlobStore(elsewhere.Blobs).ExistsAsync(later, Token));
        Assert.Equal(1, await world.Repeat(again, elsewhere).RunAsync(Token));
        Assert.Equal(receipt, await again.QueryAsync(Receipts));
        Assert.Equal(
            [ContentState.Erased],
            (await again.QueryAsync("select state from cpf.contents where sha256 = $1", later)).Select(r => (string)r[0]!));
        Assert.Empty(await again.QueryAsync("select from cpf.images where external_id = 'erased after'"));
        Assert.Equal(0, await world.Repeat(again, elsewhere).RunAsync(Token));
    }

    [Fact]
    public async Task Repeat_ErasedWhatTheRestoredDatabaseNeverHad_MayNotCome()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        var unseen = SHA256.HashData(TestPictures.Gif(9));
        var key = world.Harness.Ingest.Key;
        var record = new ErasureRecord
        {
            ErasureId = 7, Scope = "content", Tombstone = Convert.ToHexStringLower(key.OfContent(unseen)),
            KeyCheck = Convert.ToHexStringLower(key.Check), RequestedAt = DateTimeOffset.UnixEpoch, Who = "officer",
        };
        new ErasureRecords(world.Source.ErasureRecords).Write(record);

        Assert.Equal(1, await world.Repeat(world.Harness.Database, world.Source).RunAsync(Token));

        // The database knows it now: its file, one of very many, is not read again.
        var file = Path.Combine(world.Source.ErasureRecords, record.Tombstone[..2], record.Tombstone + ".json");
        await File.WriteAllTextAsync(file, "unread", Token);
        Assert.Equal(0, await world.Repeat(world.Harness.Database, world.Source).RunAsync(Token));

        var result = await world.Harness.SubmitAsync("comes back", 9);
        Assert.Equal(RejectReasons.Erased, result.Change?.RejectReason);
        Assert.Equal(
            "finished officer 1970-01-01",
            await world.Harness.Database.ScalarAsync<string>("select concat_ws(' ', state, who, requested_at::date) from cpf.erasures"));

        new ErasureRecords(world.Source.ErasureRecords).Write(
            record with { Tombstone = new string('a', 64), KeyCheck = new string('b', 64) });
        await Assert.ThrowsAsync<TombstoneKeyException>(() => world.Repeat(world.Harness.Database, world.Source).RunAsync(Token));
    }

    [Fact]
    public async Task Backup_InterruptedDamagedOrWithoutItsKey_IsSaidAndTheOneBeforeStaysWhole()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        var shoe = await world.Harness.ShowAsync("shoe", 1);
        await world.Harness.ShowAsync("other", 2, 0, 1);
        await world.EraseAsync(await world.Harness.ShowAsync("erased", 3));
        using var stop = new CancellationTokenSource();
        var stopped = world.Session((step, _) =>
        {
            if (step == "database")
            {
                stop.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.RunAsync(false, keep: 1, stop.Token));
        var unfinished = Assert.Throws<CommandException>(() => RestoreSession.Open(world.Folder));
        Assert.Contains("not finished", unfinished.Message, StringComparison.Ordinal);

        var whole = await world.Session().RunAsync(mayShrink: false, keep: 1, Token);
        Assert.Equal((4, 0), (whole.Manifest.Blobs, whole.NewBlobs));
        var lost = await world.Harness.ShowAsync("lost", 4);
        File.Delete(Path.Combine(world.Source.Blobs, Name(lost)[..2], Name(lost)[2..4], Name(lost)));
        using var again = new CancellationTokenSource();
        var interrupted = world.Session((step, _) =>
        {
            if (step == "database")
            {
                again.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => interrupted.RunAsync(false, keep: 1, again.Token));
        Assert.Equal(whole.Manifest.Id, RestoreSession.Open(world.Folder).Id);
        await new BackupCheck(world.Folder, whole.Manifest, _ => false).RunAsync(leaveOutDamaged: false, _ => { }, Token);

        // A blob that the store has lost is said, and is no reason to have no backup.
        var next = await world.Session().RunAsync(mayShrink: false, keep: 1, Token);
        Assert.Equal([Name(lost)], next.Missing);
        Assert.Single(Directory.GetDirectories(world.Folder.Backups));

        // Nothing is restored over something, without the key, or from what is damaged.
        var (database, target) = await world.NewTargetAsync(withKey: false);
        await using var empty = database;
        Assert.Contains("tombstone key", (await RefusedAsync(world, target, null)).Message, StringComparison.Ordinal);
        Assert.Contains("another one", (await RefusedAsync(world, target, new string('0', 64))).Message, StringComparison.Ordinal);
        Assert.Contains("not empty", (await RefusedAsync(world, world.Source, null)).Message, StringComparison.Ordinal);
        var key = await File.ReadAllTextAsync(world.Source.TombstoneKey, Token);
        var dump = Path.Combine(world.Folder.Of(next.Manifest.Id), BackupFolder.DumpName);
        foreach (var path in new[] { world.Folder.Blob(Name(shoe)), dump })
        {
            var bytes = await File.ReadAllBytesAsync(path, Token);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Token);
            Assert.Contains($"{path} is damaged", (await RefusedAsync(world, target, key)).Message, StringComparison.Ordinal);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Token);
        }

        await File.WriteAllTextAsync(world.Folder.Manifest, (await File.ReadAllTextAsync(world.Folder.Manifest, Token))
            .Replace($"\"{next.Manifest.Id}\"", "\"../../elsewhere\"", StringComparison.Ordinal), Token);
        var altered = Assert.Throws<CommandException>(() => RestoreSession.Open(world.Folder));
        Assert.Contains("is damaged", altered.Message, StringComparison.Ordinal);
        next.Manifest.Write(world.Folder);

        File.Delete(world.Folder.Blob(Name(shoe)));
        Assert.Contains("is missing", (await RefusedAsync(world, target, key)).Message, StringComparison.Ordinal);
        Assert.Empty(await database.QueryAsync("select from pg_namespace where nspname = 'cpf'"));
        Assert.False(File.Exists(target.TombstoneKey));
        Assert.False(Directory.Exists(target.ErasureRecords));

        // With that said, the rest comes back.
        var session = new RestoreSession(target, world.Folder, (_, _) => { });
        var rest = await session.RunAsync(RestoreSession.Open(world.Folder), key, leaveOutDamaged: true, Token);
        Assert.Equal((3, 1), (rest.Blobs, rest.Damaged));
        Assert.Equal(key, await File.ReadAllTextAsync(target.TombstoneKey, Token));
    }

    [Fact]
    public async Task Backup_SeveralKept_EachComesBackWithoutWhatWasErasedSince()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        await world.Harness.ShowAsync("first", 1);
        var erased = await world.Harness.ShowAsync("erased", 2, 0, 1);
        var first = (await world.Session().RunAsync(mayShrink: false, keep: 2, Token)).Manifest;
        await world.EraseAsync(erased);
        var retracted = await world.Harness.ShowAsync("second", 3, 0, 1);
        var second = await world.Session().RunAsync(mayShrink: true, keep: 2, Token);

        Assert.Equal([second.Manifest.Id, first.Id], second.Kept);
        Assert.False(File.Exists(world.Folder.Blob(Name(erased))));
        var (database, target, outcome) = await world.RestoreAsync(first.Id);
        await using var older = database;
        Assert.Equal((first.Blobs - 1, 1), (outcome.Blobs, outcome.Erased));
        Assert.Equal(1, await world.Repeat(database, target).RunAsync(Token));
        Assert.Equal(
            ["first"], (await database.QueryAsync("select external_id from cpf.images where state = 'stored'")).Select(r => (string)r[0]!));
        Assert.Contains(
            $"It holds {second.Manifest.Id}, {first.Id}",
            Assert.Throws<CommandException>(() => RestoreSession.Open(world.Folder, "20200101T000000000Z")).Message,
            StringComparison.Ordinal);

        // What only the oldest had goes with it.
        await world.Harness.Database.ExecuteAsync(
            "update cpf.images set content_id = null, state = 'retracted' where external_id = 'second'");
        await world.Harness.Database.ExecuteAsync("delete from cpf.contents where sha256 = $1", retracted);
        File.Delete(Path.Combine(world.Source.Blobs, Name(retracted)[..2], Name(retracted)[2..4], Name(retracted)));
        var third = await world.Session().RunAsync(mayShrink: true, keep: 2, Token);
        Assert.Equal([third.Manifest.Id, second.Manifest.Id], third.Kept);
        Assert.True(File.Exists(world.Folder.Blob(Name(retracted))));
        Assert.Equal(1, (await world.Session().RunAsync(mayShrink: true, keep: 1, Token)).Removed);
        Assert.False(File.Exists(world.Folder.Blob(Name(retracted))));
    }

    [Fact]
    public async Task Backup_IntoWhatIsNotItsOwnOrOverMuchMore_IsRefusedAndChangesNothing()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        for (var i = 0; i < 10; i++)
        {
            await world.Harness.SubmitAsync($"image {i}", i);
        }

        var good = await world.Session().RunAsync(mayShrink: false, keep: 1, Token);
        await using var other = await BackedUpWorld.StartAsync(databases);
        var ofAnother = new BackupSession(other.Source, world.Folder, TimeProvider.System, (_, _) => { });
        foreach (var made in new Func<Task>[] { () => ofAnother.RunAsync(true, keep: 1, Token), () => ofAnother.CopyErasuresAsync(Token) })
        {
            Assert.Contains("another installation", (await NotMadeAsync(made)).Message, StringComparison.Ordinal);
        }


        await world.Harness.Database.ExecuteAsync("delete from cpf.images where external_id in ('image 0', 'image 1', 'image 2')");
        var fewer = await NotMadeAsync(() => world.Session().RunAsync(mayShrink: false, keep: 1, Token));
        Assert.Equal(ExitCode.RefusedByGate, fewer.ExitCode);
        Assert.Equal(good.Manifest.Id, RestoreSession.Open(world.Folder).Id);
        Assert.NotEqual(good.Manifest.Id, (await world.Session().RunAsync(mayShrink: true, keep: 1, Token)).Manifest.Id);

        var home = Path.GetDirectoryName(world.Source.State)!;
        var strange = Directory.CreateTempSubdirectory("cpf-strange-").FullName;
        Directory.CreateDirectory(Path.Combine(strange, "backups"));
        foreach (var path in new[] { home, Path.Combine(home, "backup"), world.Source.Blobs, Path.GetTempPath(), strange })
        {
            var session = new BackupSession(world.Source, new BackupFolder(path), TimeProvider.System, (_, _) => { });
            Assert.Equal(ExitCode.Usage, (await NotMadeAsync(() => session.RunAsync(true, keep: 1, Token))).ExitCode);
        }

        Assert.Empty(Directory.GetFiles(strange, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Backup_WhileAFeedAndErasuresRun_HoldsTheBlobOfEveryContentOfItsSnapshotAndAnnouncesWhatTheQueuesHeld()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        for (var i = 0; i < 20; i++)
        {
            await world.Harness.SubmitAsync($"before {i}", i);
        }

        await world.Harness.Ingest.Intake.AnnounceAsync(
            [ErasureHarness.Entry("announced", 500), ErasureHarness.Entry("before 15", 500)], Token);
        await world.Harness.Database.ExecuteAsync("delete from cpf.outbox"); // Published; the queue is in no backup.
        using var stop = new CancellationTokenSource();
        var dumped = new TaskCompletionSource();
        var feed = Task.Run(
            async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    await world.Harness.SubmitAsync($"meanwhile {i}", 20 + i);
                    if (i < 10)
                    {
                        await world.Harness.RequestAsync(SHA256.HashData(TestPictures.Gif(i)));
                        await world.Harness.Ingest.Blobs.DeleteAsync(SHA256.HashData(TestPictures.Gif(i)), default);
                    }

                    if (i == 12)
                    {
                        dumped.SetResult();
                    }
                }
            },
            Token);

        var outcome = await world.Session((step, _) =>
        {
            if (step == "database")
            {
                dumped.Task.Wait(Token); // Erasures fall between the snapshot and the end.
            }
        }).RunAsync(false, keep: 1, Token);
        await stop.CancelAsync();
        await feed;

        Assert.Equal(0, outcome.Manifest.Missing);
        Assert.True(outcome.Manifest.Gone > 0, "no erasure fell into the backup");
        var (database, target, restored) = await world.RestoreAsync();
        await using var _ = database;
        var blobs = new FolderBlobStore(target.Blobs);
        var stored = await database.QueryAsync("select sha256 from cpf.contents where state = 'stored'");
        var contents = stored.Select(r => (byte[])r[0]!).ToList();
        var there = 0;
        foreach (var sha256 in contents)
        {
            there += await blobs.ExistsAsync(sha256, Token) ? 1 : 0;
        }

        Assert.Equal(contents.Count - outcome.Manifest.Gone, there);
        Assert.Equal(restored.Blobs, there + 2); // And the model's.
        var announced = await database.QueryAsync("select payload->>'externalId' from cpf.outbox where type = 'SubmitImage'");
        Assert.Equal(["announced", "before 15"], announced.Select(r => (string)r[0]!).Order(StringComparer.Ordinal));
    }

    private static Task<CommandException> NotMadeAsync(Func<Task> backup) => Assert.ThrowsAsync<CommandException>(backup);

    private static async Task<CommandException> RefusedAsync(BackedUpWorld world, BackupSource target, string? key) =>
        await Assert.ThrowsAsync<CommandException>(() =>
            new RestoreSession(target, world.Folder, (_, _) => { }).RunAsync(RestoreSession.Open(world.Folder), key, false, Token));

    private static string Name(byte[] sha256) => Convert.ToHexStringLower(sha256);

    private static IEnumerable<string> FilesWith(string folder, string text) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => File.ReadAllText(f).Contains(text, StringComparison.Ordinal));
}
