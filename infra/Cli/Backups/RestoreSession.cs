using System.Diagnostics;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// Restores a backup into a database without our schema. The database comes last and in one transaction: what was interrupted before can be
/// done again, and finds what it copied.
/// </summary>
/// <param name="target">Where to.</param>
/// <param name="folder">The backup's folder.</param>
/// <param name="tell">Receives a step's name and how far it is.</param>
internal sealed class RestoreSession(BackupSource target, BackupFolder folder, Action<string, string> tell)
{
    /// <summary>The backup that is there.</summary>
    /// <exception cref="CommandException">There is none that is whole (3), or this program is too old for it (3).</exception>
    public static BackupManifest Open(BackupFolder folder)
    {
        var manifest = BackupManifest.Read(folder) ?? throw CommandException.Infrastructure(
            Directory.Exists(folder.Backups)
                ? $"{folder.Root} holds a backup that was not finished, and none that was: run infra/cpf backup again"
                : $"{folder.Root} holds no backup");
        return manifest.SchemaVersion <= Migrator.NewestVersion
            ? manifest
            : throw CommandException.Infrastructure(
                $"the backup has schema version {manifest.SchemaVersion}, this program knows up to {Migrator.NewestVersion}: "
                    + "restore it with the newer program");
    }

    /// <summary>Restores it. The server runs, with the database, its roles and the extension.</summary>
    /// <param name="manifest">The backup.</param>
    /// <param name="keyText">The tombstone key; null for the one that is there.</param>
    /// <param name="cancellationToken">Cancels; the database is as it was then.</param>
    /// <exception cref="CommandException">It is damaged, the database is not empty, or a key or a program is missing (3).</exception>
    public async Task<RestoreOutcome> RunAsync(BackupManifest manifest, string? keyText, CancellationToken cancellationToken)
    {
        await new BackupCheck(folder, manifest).RunAsync(done => tell("check", done), cancellationToken);
        await using var dataSource = PostgresDataSource.Create(target.Database, "cpf restore");
        var serverVersion = await RequireEmptyAsync(dataSource, manifest, cancellationToken);
        var (pgRestore, _) = PostgresTools.Find("pg_restore", serverVersion, manifest.DumpVersion);
        var records = new ErasureRecords(target.ErasureRecords);
        records.Take(new ErasureRecords(folder.Erasures));
        var erased = Erased(records, RequireKey(manifest, records, keyText));
        var (blobs, skipped) = await CopyBlobsAsync(manifest, erased, cancellationToken);
        await RestoreDatabaseAsync(pgRestore, manifest, cancellationToken);
        var announced = await RestoredDatabase.FinishAsync(dataSource, cancellationToken);
        return new RestoreOutcome(manifest, blobs, skipped, announced);
    }

    private static async Task<int> RequireEmptyAsync(
        NpgsqlDataSource dataSource, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await connection.Sql("select exists (select from pg_namespace where nspname in ('cpf', 'hangfire'))")
            .ScalarAsync<bool>(cancellationToken))
        {
            throw CommandException.Infrastructure(
                "the database is not empty: it has the schema cpf. Restore into a new checkout, or (what is there is lost then) run "
                    + "infra/cpf down and move its .cpf away; on a server of your own make a new database and name it in CPF_POSTGRES");
        }

        var version = connection.PostgreSqlVersion.Major;
        return version >= manifest.PostgresVersion
            ? version
            : throw CommandException.Infrastructure(
                $"the backup is of PostgreSQL {manifest.PostgresVersion}, and this server is {version}: "
                    + "restore into one that is not older");
    }

    // Ingest does not start with another key than that of the tombstones, and without it erased pictures could come back.
    private TombstoneKey? RequireKey(BackupManifest manifest, ErasureRecords records, string? keyText)
    {
        var check = manifest.KeyCheck ?? records.All().FirstOrDefault()?.KeyCheck;
        var text = File.Exists(target.TombstoneKey) ? File.ReadAllText(target.TombstoneKey).Trim() : keyText;
        var key = text is null ? null : TombstoneKeyFile.Parse(text);
        if (check is not null && (key is null || Convert.ToHexStringLower(key.Check) != check))
        {
            throw CommandException.Infrastructure(
                (key is null
                    ? "pictures of this backup were erased, and the tombstone key is not here" : "the tombstone key is another one")
                    + $": name the file that backup --keys wrote (--keys FILE), or put the key into {target.TombstoneKey}. "
                    + "Without it erased pictures could come back, and Ingest would not start");
        }

        if (key is not null && !File.Exists(target.TombstoneKey))
        {
            Installations.Installation.WritePrivate(target.TombstoneKey, text!);
        }

        return key;
    }

    // Tombstones of contents; those of images do not say which bytes they mean.
    private static Func<string, bool> Erased(ErasureRecords records, TombstoneKey? key)
    {
        var tombstones = key is null ? [] : records.All().Select(r => r.Tombstone).ToHashSet();
        return sha256 => tombstones.Count > 0
            && tombstones.Contains(Convert.ToHexStringLower(key!.OfContent(Convert.FromHexString(sha256))));
    }

    private async Task<(long Copied, long Skipped)> CopyBlobsAsync(
        BackupManifest manifest, Func<string, bool> erased, CancellationToken cancellationToken)
    {
        var (from, to) = (new FolderBlobStore(folder.Blobs), new BlobPool(new BackupFolder(Path.GetDirectoryName(target.Blobs)!,
            Path.GetFileName(target.Blobs))));
        var (copied, skipped) = (0L, 0L);
        foreach (var (sha256, _) in new BlobList(Path.Combine(folder.Of(manifest.Id), BackupFolder.BlobListName)).Read())
        {
            if (erased(sha256))
            {
                skipped++;
            }
            else if (!await to.CopyAsync(from, sha256, cancellationToken))
            {
                throw CommandException.Infrastructure($"{folder.Blob(sha256)} was removed or changed since it was checked");
            }
            else if (++copied % 1_000 == 0)
            {
                tell("blobs", $"{copied:N0} of {manifest.Blobs:N0}");
            }
        }

        return (copied, skipped);
    }

    private async Task RestoreDatabaseAsync(string pgRestore, BackupManifest manifest, CancellationToken cancellationToken)
    {
        tell("database", $"{manifest.Files[BackupFolder.DumpName].Bytes / 1e6:N0} MB, and its indexes");
        using var process = Process.Start(PostgresTools.Start(
            pgRestore, target.Database, "--single-transaction", "--exit-on-error", "--no-owner", "--no-password",
            $"--dbname={new NpgsqlConnectionStringBuilder(target.Database).Database}",
            Path.Combine(folder.Of(manifest.Id), BackupFolder.DumpName)))!;
        try
        {
            var said = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw CommandException.Infrastructure($"pg_restore failed, the database is empty: {said.Trim().ReplaceLineEndings(" ")}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
