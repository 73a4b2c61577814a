using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Schema;

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
    private const int ToldEvery = 1_000;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FolderBlobStore _blobs = new(source.Blobs);
    private readonly BlobPool _pool = new(folder);

    /// <summary>Makes it. The one before stays whole until this one is.</summary>
    /// <exception cref="CommandException">It cannot be made (3), or another is being made here (6).</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the next run goes on with the blobs that are there.</exception>
    public async Task<BackupOutcome> RunAsync(CancellationToken cancellationToken)
    {
        using var held = Hold();
        await using var dataSource = PostgresDataSource.Create(source.Database, "cpf backup");
        await CopyAllAsync(cancellationToken);

        await using var dump = await DatabaseDump.BeginAsync(dataSource, cancellationToken);
        var (pgDump, version) = PostgresTools.Find("pg_dump", dump.PostgresVersion);
        var id = BackupFolder.NewId(time.GetUtcNow());
        Directory.CreateDirectory(folder.Of(id));
        var database = await dump.WriteAsync(
            pgDump, source.Database, Path.Combine(folder.Of(id), BackupFolder.DumpName),
            bytes => tell("database", $"{bytes / 1e6:N0} MB"), cancellationToken);
        var list = await ListAsync(dump, folder.Of(id), cancellationToken);
        var records = new ErasureRecords(folder.Erasures).Take(new ErasureRecords(source.ErasureRecords));
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            Id = id,
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
        await FlushAsync(cancellationToken);
        manifest.Write(folder);

        // From here on this backup is the one that is there; what only others have goes.
        foreach (var other in Directory.EnumerateDirectories(folder.Backups).Where(d => Path.GetFileName(d) != id))
        {
            Directory.Delete(other, recursive: true);
        }

        return new BackupOutcome(manifest, _pool.Copied.Blobs, _pool.Copied.Bytes, _pool.Keep(list.List, cancellationToken), records,
            list.Missing);
    }

    /// <summary>Copies the record of erasures alone, which takes moments: for every few minutes between backups.</summary>
    /// <returns>How many were new.</returns>
    public int CopyErasures()
    {
        using var held = Hold();
        return new ErasureRecords(folder.Erasures).Take(new ErasureRecords(source.ErasureRecords));
    }

    private FileStream Hold()
    {
        Directory.CreateDirectory(folder.Root, OwnerOnly);
        if (!File.Exists(folder.Lock)
            && Directory.EnumerateFileSystemEntries(folder.Root).Any(e => e != folder.Erasures && e != folder.Backups && e != folder.Blobs))
        {
            throw CommandException.Usage($"{folder.Root} holds other things than a backup: name a new folder, or that of a backup");
        }

        foreach (var part in new[] { folder.Backups, folder.Blobs, folder.Erasures })
        {
            Directory.CreateDirectory(part, OwnerOnly); // Also where the user's folder is open to others.
        }

        try
        {
            return new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(folder.Lock))
        {
            throw new CommandException(ExitCode.AlreadyRunning, $"another backup is being made in {folder.Root}");
        }
    }

    private async Task CopyAllAsync(CancellationToken cancellationToken)
    {
        var seen = 0L;
        for (var part = 0; part < 256; part++)
        {
            foreach (var sha256 in _blobs.List((byte)part).Select(b => Convert.ToHexStringLower(b.Sha256)).Distinct())
            {
                await _pool.CopyAsync(_blobs, sha256, cancellationToken);
                if (++seen % ToldEvery == 0)
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
        foreach (var sha256 in File.ReadLines(named))
        {
            if (_pool.Length(sha256) is null)
            {
                await _pool.CopyAsync(_blobs, sha256, cancellationToken);
            }
        }

        var now = Path.Combine(path, "now.txt");
        await WriteLinesAsync(now, line => dump.ForEachBlobNowAsync(line, cancellationToken));
        var list = new BlobList(Path.Combine(path, BackupFolder.BlobListName));
        var (count, bytes, gone, missing) = (0L, 0L, 0L, new List<string>());
        await using (var lines = new StreamWriter(list.FilePath))
        using (var live = File.ReadLines(now).GetEnumerator())
        {
            var any = live.MoveNext();
            foreach (var sha256 in File.ReadLines(named))
            {
                while (any && string.CompareOrdinal(live.Current, sha256) < 0)
                {
                    any = live.MoveNext();
                }

                if (!any || live.Current != sha256)
                {
                    gone++;
                }
                else if (_pool.Length(sha256) is { } length)
                {
                    await lines.WriteLineAsync(BlobList.Line(sha256, length));
                    (count, bytes) = (count + 1, bytes + length);
                }
                else
                {
                    missing.Add(sha256);
                }
            }
        }

        File.Delete(named);
        File.Delete(now);
        return new Listed(list, count, bytes, gone, missing);
    }

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
