using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// Makes a backup while everything runs. Blobs are copied before the snapshot, since what it shows could be collected before it is copied;
/// those that came in between are copied after it. What was erased meanwhile is taken out again at the end.
/// </summary>
/// <param name="source">What is backed up.</param>
/// <param name="folder">Where to.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Receives a step's name and how far it is.</param>
internal sealed class BackupSession(BackupSource source, BackupFolder folder, TimeProvider time, Action<string, string> tell)
{
    private const int BlobsPerTelling = 1_000;
    private const int RereadDays = 30;

    // The connection of the snapshot is silent while pg_dump works: firewalls cut such ones.
    private const int KeepAliveSeconds = 60;
    private readonly IBlobStore _blobs = source.Store;
    private readonly BlobPool _pool = new(folder.Blobs);

    /// <summary>Makes it. Those before stay whole until this one is.</summary>
    /// <param name="mayShrink">Whether a backup with far fewer images or contents may take the place of the one that is there.</param>
    /// <param name="keep">Backups that stay, this one among them.</param>
    /// <param name="cancellationToken">Cancels; the next run goes on with the blobs that are there.</param>
    /// <exception cref="CommandException">
    /// It cannot be made (3), another is being made here (6), or it may not take the place of the one that is there (2, 4).
    /// </exception>
    public async Task<BackupOutcome> RunAsync(bool mayShrink, int keep, CancellationToken cancellationToken)
    {
        using var held = BackupLock.Take(source, folder, folder.Lock);
        await using var dataSource = PostgresDataSource.Create(
            new NpgsqlConnectionStringBuilder(source.Database) { KeepAlive = KeepAliveSeconds }.ConnectionString, "cpf backup");
        var before = BackupManifest.Read(folder);
        RemoveAllBut([.. folder.Whole(), .. before is null ? [] : new[] { before.Id }]); // What was not finished.
        Guid installation;
        await using (var first = await DatabaseDump.BeginAsync(dataSource, cancellationToken))
        {
            installation = first.Installation;
            BackupLock.Claim(folder, installation);
            BackupSize.Compare(before, await first.CountAsync(cancellationToken), mayShrink);
        }

        var records = TakeRecords();
        await RereadAsync(cancellationToken);
        await CopyAllAsync(cancellationToken);

        await using var dump = await DatabaseDump.BeginAsync(dataSource, cancellationToken);
        var (pgDump, version) = PostgresTools.Find("pg_dump", dump.PostgresVersion);
        var id = BackupFolder.NewId(time.GetUtcNow());
        Directory.CreateDirectory(folder.Of(id));
        var database = await dump.WriteAsync(
            pgDump, source.Database, Path.Combine(folder.Of(id), BackupFolder.DumpName),
            bytes => tell("database", $"{bytes / 1e6:N0} MB"), cancellationToken);
        var list = await ListAsync(dump, folder.Of(id), cancellationToken);
        records += TakeRecords();
        var warnings = await WarningsAsync(dump, cancellationToken);
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            Id = id,
            Installation = installation,
            TakenAt = dump.TakenAt,
            FinishedAt = time.GetUtcNow(),
            Snapshot = dump.Snapshot,
            SchemaVersion = dump.SchemaVersion,
            PostgresVersion = dump.PostgresVersion,
            DumpVersion = version,
            ProgramVersion = Assembly.GetExecutingAssembly().GetName().Version!.ToString(),
            Rows = await dump.CountAsync(cancellationToken),
            Blobs = list.Count,
            BlobBytes = list.Bytes,
            Gone = list.Gone,
            Missing = list.Missing.Count,
            KeyCheck = await dump.KeyCheckAsync(cancellationToken),
            Files = new SortedDictionary<string, BackupFile>(StringComparer.Ordinal)
            {
                [BackupFolder.DumpName] = database,
                [BackupFolder.BlobListName] = await FileHash.OfAsync(list.List.FilePath, cancellationToken),
            },
        };
        await dump.DisposeAsync(); // An open snapshot keeps the server from cleaning.
        BackupSize.Compare(before, manifest.Rows, mayShrink);
        await FlushAsync(cancellationToken);
        manifest.Write(folder);
        await FlushAsync(cancellationToken);

        // From here on this backup is the newest; what only others have goes.
        var kept = folder.Whole().Take(keep).ToList();
        RemoveAllBut(kept);
        var removed = _pool.Keep(
            list.List, [.. kept.Where(k => k != id).Select(k => new BlobList(Path.Combine(folder.Of(k), BackupFolder.BlobListName)))],
            ErasedBlobs.Of(new ErasureRecords(folder.Erasures), Key(manifest.KeyCheck)), cancellationToken);
        return new BackupOutcome(
            manifest, _pool.Copied.Blobs, _pool.Copied.Bytes, removed, records, list.Missing, warnings) { Kept = kept };
    }

    /// <summary>Copies the record of erasures alone, which takes moments: for every few minutes, also while a backup is made.</summary>
    /// <returns>How many were new.</returns>
    public async Task<int> CopyErasuresAsync(CancellationToken cancellationToken)
    {
        await using var dataSource = PostgresDataSource.Create(source.Database, "cpf backup");
        await using var dump = await DatabaseDump.BeginAsync(dataSource, cancellationToken);
        BackupLock.Prepare(source, folder);
        BackupLock.Claim(folder, dump.Installation);
        return TakeRecords();
    }

    private int TakeRecords()
    {
        using var held = BackupLock.Take(source, folder, folder.ErasuresLock);
        return new ErasureRecords(folder.Erasures).Take(new ErasureRecords(source.ErasureRecords));
    }

    // The settings of the services may name other folders than those that this command looks at.
    private async Task<List<string>> WarningsAsync(DatabaseDump dump, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        var records = new ErasureRecords(folder.Erasures);
        if ((await dump.TombstonesAsync(cancellationToken)).Count(t => records.Find(t) is null) is > 0 and var unrecorded)
        {
            warnings.Add(
                $"{unrecorded} erasures have no record in {source.ErasureRecords}: give this command the services' "
                    + "Ingest__ErasureRecordFolder");
        }

        if (await dump.KeyCheckAsync(cancellationToken) is { } check && Key(check) is null)
        {
            warnings.Add(
                $"{source.TombstoneKey} is not the key of this database: give this command the services' Ingest__TombstoneKeyFile. Without "
                    + "it erased pictures stay in older backups");
        }

        return warnings;
    }

    private TombstoneKey? Key(string? check) =>
        check is not null && File.Exists(source.TombstoneKey) && TombstoneKeyFile.Read(source.TombstoneKey) is var key
        && Convert.ToHexStringLower(key.Check) == check ? key : null;

    private void RemoveAllBut(IReadOnlyCollection<string> ids)
    {
        foreach (var other in Directory.EnumerateDirectories(folder.Backups))
        {
            if (Path.GetFileName(other) is var name && !ids.Contains(name) && BackupFolder.IsId(name))
            {
                Directory.Delete(other, recursive: true);
            }
        }
    }

    // A thirtieth of the blobs a day: what has rotted is copied again, as long as the store has it.
    private async Task RereadAsync(CancellationToken cancellationToken)
    {
        var day = time.GetUtcNow().ToUnixTimeSeconds() / (24 * 3600);
        for (var part = (int)(day % RereadDays); part < 256; part += RereadDays)
        {
            tell("reread", "a thirtieth of the blobs that are there");
            await _pool.RemoveDamagedAsync(part.ToString("x2", CultureInfo.InvariantCulture), cancellationToken);
        }
    }

    private async Task CopyAllAsync(CancellationToken cancellationToken)
    {
        var seen = 0L;
        for (var part = 0; part < 256; part++)
        {
            await foreach (var blob in _blobs.ListAsync((byte)part, cancellationToken).Where(b => b.IsBlob))
            {
                var sha256 = Convert.ToHexStringLower(blob.Sha256);
                if (_pool.Length(sha256) != blob.Bytes)
                {
                    await _pool.CopyAsync(_blobs, sha256, cancellationToken);
                }

                if (++seen % BlobsPerTelling == 0)
                {
                    tell("blobs", $"{seen:N0} looked at, {_pool.Copied.Blobs:N0} copied ({_pool.Copied.Bytes / 1e6:N0} MB)");
                }
            }
        }
    }

    private async Task<Listed> ListAsync(DatabaseDump dump, string path, CancellationToken cancellationToken)
    {
        var named = Path.Combine(path, "named.txt");
        await WriteLinesAsync(named, line => dump.ForEachBlobAsync(line, cancellationToken));
        foreach (var (sha256, bytes) in new BlobList(named).Read())
        {
            if (!IsThere(sha256, bytes))
            {
                await _pool.CopyAsync(_blobs, sha256, cancellationToken);
            }
        }

        var now = Path.Combine(path, "now.txt");
        await WriteLinesAsync(now, line => dump.ForEachBlobNowAsync(line, cancellationToken));
        var list = new BlobList(Path.Combine(path, BackupFolder.BlobListName));
        var (count, total, gone, missing) = (0L, 0L, 0L, new List<string>());
        await using (var lines = new StreamWriter(list.FilePath))
        using (var live = new BlobList(now).Read().GetEnumerator())
        {
            var any = live.MoveNext();
            foreach (var (sha256, bytes) in new BlobList(named).Read())
            {
                while (any && string.CompareOrdinal(live.Current.Sha256, sha256) < 0)
                {
                    any = live.MoveNext();
                }

                if (!any || live.Current.Sha256 != sha256)
                {
                    gone++;
                }
                else if (IsThere(sha256, bytes))
                {
                    var length = _pool.Length(sha256)!.Value;
                    await lines.WriteLineAsync(BlobList.Line(sha256, length));
                    (count, total) = (count + 1, total + length);
                }
                else
                {
                    missing.Add(sha256);
                }
            }
        }

        File.Delete(named);
        File.Delete(now);
        return new Listed(list, count, total, gone, missing);
    }

    private bool IsThere(string sha256, long bytes) => _pool.Length(sha256) is { } length && (bytes < 0 || length == bytes);

    private static async Task WriteLinesAsync(string path, Func<Action<string>, Task> write)
    {
        await using var lines = new StreamWriter(path);
        await write(lines.WriteLine);
    }

    // One flush of the file system, not one a blob: the manifest must not be there before what it names.
    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("sync", ["-f", folder.Root]))!;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw CommandException.Infrastructure(
                $"{folder.Root} could not be flushed to disk (sync ended with {process.ExitCode.ToString(CultureInfo.InvariantCulture)})");
        }
    }

    private sealed record Listed(BlobList List, long Count, long Bytes, long Gone, IReadOnlyList<string> Missing);
}
