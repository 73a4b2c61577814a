using System.Diagnostics;
using CpfPipeline.Cli.BlobCopies;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// Restores a backup into a database without our schema. The database is restored in one transaction. Until what follows is done as well, a
/// file says to this checkout that the restore is not finished, and a mark in the database says so to services anywhere. What was
/// interrupted can be done again, and finds what it copied.
/// </summary>
/// <param name="target">Where to.</param>
/// <param name="folder">The backup's folder.</param>
/// <param name="tell">Receives a step's name and how far it is.</param>
internal sealed class RestoreSession(BackupSource target, BackupFolder folder, Action<string, string> tell)
{
    private const int MaxSaidLines = 5;

    /// <summary>A backup that is there.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="id">Which; null: the newest.</param>
    /// <exception cref="CommandException">
    /// There is none that is whole (3), none of that name (2), or this program is too old for it (3).
    /// </exception>
    public static BackupManifest Open(BackupFolder folder, string? id = null)
    {
        var newest = BackupManifest.Read(folder) ?? throw CommandException.Infrastructure(
            Directory.Exists(folder.Backups)
                ? $"{folder.Root} holds a backup that was not finished, and none that was: run infra/cpf backup again"
                : $"{folder.Root} holds no backup");
        var manifest = id is null ? newest : BackupManifest.Read(folder, id) ?? throw CommandException.Usage(
            $"{folder.Root} holds no backup {id}. It holds {string.Join(", ", folder.Whole())}");
        return manifest.SchemaVersion <= Migrator.NewestVersion
            ? manifest
            : throw CommandException.Infrastructure(
                $"the backup has schema version {manifest.SchemaVersion}, this program knows up to {Migrator.NewestVersion}: "
                    + "restore it with the newer program");
    }

    /// <summary>Restores it. The server runs, with the database, its roles and the extension.</summary>
    /// <param name="manifest">The backup.</param>
    /// <param name="keyText">The tombstone key of a keys file; null for the one that is there.</param>
    /// <param name="leaveOutDamaged">Whether to go on without blobs that are missing or damaged in the backup.</param>
    /// <param name="cancellationToken">Cancels; run it again.</param>
    /// <exception cref="CommandException">It is damaged, the database is not empty, or a key or a program is missing (3).</exception>
    public async Task<RestoreOutcome> RunAsync(
        BackupManifest manifest, string? keyText, bool leaveOutDamaged, CancellationToken cancellationToken)
    {
        using var shared = BackupLock.Share(folder);
        await using var dataSource = PostgresDataSource.CreateForRestore(target.Database, "cpf restore");
        var isThere = await RequireEmptyAsync(dataSource, manifest, cancellationToken);
        var serverVersion = await VersionAsync(dataSource, manifest, cancellationToken);
        var (pgRestore, _) = PostgresTools.Find("pg_restore", serverVersion, manifest.DumpVersion);
        var key = RestoredKey.Find(target, manifest, [.. new ErasureRecords(folder.Erasures).All(), .. new ErasureRecords(
            target.ErasureRecords).All()], keyText);
        var isErased = ErasedBlobs.Of(new ErasureRecords(folder.Erasures), key);
        var damaged = await new BackupCheck(folder, manifest, isErased).RunAsync(
            leaveOutDamaged, done => tell("check", done), cancellationToken);

        // From here on something is changed.
        RestoredKey.Keep(target, keyText, key);
        var records = new ErasureRecords(target.ErasureRecords);
        records.Take(new ErasureRecords(folder.Erasures));
        await File.WriteAllTextAsync(target.Unfinished, manifest.Id, cancellationToken);
        await ServicesOut.KeepAsync(dataSource, manifest.Id, cancellationToken);
        var (blobs, skipped) = await CopyBlobsAsync(manifest, ErasedBlobs.Of(records, key), damaged, cancellationToken);
        if (!isThere)
        {
            await RestoreDatabaseAsync(pgRestore, manifest, cancellationToken);
        }

        // Handlers and messages are those of this program, and so must be the schema.
        tell("database", "schema and statistics");
        await new Migrator(target.Database).MigrateAsync(cancellationToken);
        await dataSource.Sql("analyze").WithoutTimeout().ExecuteAsync(cancellationToken);
        var announced = await RestoredDatabase.FinishAsync(dataSource, cancellationToken);
        File.Delete(target.Unfinished);
        return new RestoreOutcome(manifest, blobs, skipped, damaged.Count, announced);
    }

    /// <summary>Whether the database was restored by a run that did not get further.</summary>
    private async Task<bool> RequireEmptyAsync(NpgsqlDataSource dataSource, BackupManifest manifest, CancellationToken cancellationToken)
    {
        if (!await dataSource.Sql("select exists (select from pg_namespace where nspname in ('cpf', 'hangfire'))")
            .ScalarAsync<bool>(cancellationToken))
        {
            return false;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (File.Exists(target.Unfinished) && await File.ReadAllTextAsync(target.Unfinished, cancellationToken) == manifest.Id)
            || await UnfinishedRestore.FindAsync(connection, cancellationToken) == manifest.Id
            ? true
            : throw CommandException.Infrastructure(
                "the database is not empty: it has the schema cpf. Restore into a new checkout, or (what is there is lost then) run "
                    + "infra/cpf down and move its .cpf away; on a server of your own make a new database and name it in CPF_POSTGRES");
    }

    private static async Task<int> VersionAsync(NpgsqlDataSource dataSource, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var version = connection.PostgreSqlVersion.Major;
        return version >= manifest.PostgresVersion
            ? version
            : throw CommandException.Infrastructure(
                $"the backup is of PostgreSQL {manifest.PostgresVersion}, and this server is {version}: "
                    + "restore into one that is not older");
    }

    private async Task<(long Copied, long Skipped)> CopyBlobsAsync(
        BackupManifest manifest, Func<string, bool> erased, IReadOnlySet<string> damaged, CancellationToken cancellationToken)
    {
        var from = new FolderBlobStore(folder.Blobs);
        var (pool, transfer) = (new BlobPool(target.Blobs), new BlobTransfer(from, target.Store));
        Func<string, CancellationToken, Task<bool>> copy = target.Store is FolderBlobStore
            ? (sha256, token) => pool.CopyAsync(from, sha256, token)
            : async (sha256, token) => await transfer.CopyAsync(sha256, token) is not null;
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = target.Store is FolderBlobStore ? 1 : BlobTransfer.Parallelism, CancellationToken = cancellationToken,
        };
        var list = new BlobList(Path.Combine(folder.Of(manifest.Id), BackupFolder.BlobListName)).Read().Select(b => b.Sha256);
        var (copied, skipped) = (0L, 0L);
        await Parallel.ForEachAsync(list.Where(sha256 => !damaged.Contains(sha256)), parallel, async (sha256, token) =>
        {
            if (erased(sha256))
            {
                Interlocked.Increment(ref skipped);
            }
            else if (!await copy(sha256, token))
            {
                throw CommandException.Infrastructure($"{folder.Blob(sha256)} was removed or changed since it was checked");
            }
            else if (Interlocked.Increment(ref copied) is var done && done % 1_000 == 0)
            {
                tell("blobs", $"{done:N0} of {manifest.Blobs:N0}");
            }
        });

        return (copied, skipped);
    }

    private async Task RestoreDatabaseAsync(string pgRestore, BackupManifest manifest, CancellationToken cancellationToken)
    {
        tell("database", $"{manifest.Files[BackupFolder.DumpName].Bytes / 1e6:N0} MB, and its indexes");
        using var process = Process.Start(PostgresTools.Start(
            pgRestore, target.Database, "--single-transaction", "--exit-on-error", "--no-owner", "--no-password", "--verbose",
            $"--dbname={new NpgsqlConnectionStringBuilder(target.Database).Database}",
            Path.Combine(folder.Of(manifest.Id), BackupFolder.DumpName)))!;
        try
        {
            // "pg_restore: creating INDEX ...", and at the end of one that fails what is wrong.
            var last = new Queue<string>();
            while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
            {
                last.Enqueue(line);
                while (last.Count > MaxSaidLines)
                {
                    last.Dequeue();
                }

                tell("database", line[(line.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var at ? at + 2 : 0)..]);
            }

            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw CommandException.Infrastructure($"pg_restore failed, the database is empty: {string.Join(' ', last)}");
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
