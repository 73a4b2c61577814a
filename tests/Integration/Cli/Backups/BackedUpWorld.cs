using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Schema;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Backups;

/// <summary>Ingest and a Matcher with a folder to back up to, and databases to restore into.</summary>
internal sealed class BackedUpWorld : IAsyncDisposable
{
    private readonly TestDatabases _databases;
    private readonly List<NpgsqlDataSource> _services = [];

    private BackedUpWorld(TestDatabases databases, ErasureHarness harness)
    {
        (_databases, Harness) = (databases, harness);
        Source = SourceIn(harness.Database.ConnectionString, harness.Ingest.Folder) with { Store = harness.Ingest.Blobs };
        File.WriteAllText(Source.TombstoneKey, Convert.ToHexStringLower([.. Enumerable.Range(1, 32).Select(i => (byte)i)]));
        Folder = new BackupFolder(Directory.CreateTempSubdirectory("cpf-backup-").FullName);
        Recording = new ErasureRecording(new ErasureRecords(Source.ErasureRecords), harness.Ingest.Key);
    }

    public ErasureHarness Harness { get; }

    public BackupSource Source { get; }

    public BackupFolder Folder { get; }

    public ErasureRecording Recording { get; }

    /// <summary>Starts one, with a model of two files.</summary>
    public static async Task<BackedUpWorld> StartAsync(TestDatabases databases, IBlobStore? blobs = null)
    {
        var world = new BackedUpWorld(databases, await ErasureHarness.StartAsync(databases, blobs: blobs));
        // All databases of a run are copies of one.
        await world.Harness.Database.ExecuteAsync("update cpf.installation set installation_id = gen_random_uuid()");
        foreach (var table in new[] { "backbones", "heads" })
        {
            var file = Encoding.UTF8.GetBytes(table);
            await world.Harness.Ingest.Blobs.WriteAsync(SHA256.HashData(file), file, TestContext.Current.CancellationToken);
            await world.Harness.Database.ExecuteAsync($"update cpf.{table} set sha256 = $1", SHA256.HashData(file));
        }

        return world;
    }

    public BackupSession Session(Action<string, string>? tell = null) =>
        new(Source, Folder, TimeProvider.System, tell ?? ((_, _) => { }));

    /// <summary>Erases to the end and keeps the record, as the running service does.</summary>
    public async Task EraseAsync(byte[] sha256)
    {
        var outcome = await Harness.RequestAsync(sha256);
        Recording.Keep(outcome!.Erasure);
        Recording.Keep(await Harness.FinishAsync(outcome, sha256));
    }

    /// <summary>A database and folders like those of a new checkout.</summary>
    /// <param name="withKey">Whether the tombstone key is there.</param>
    public async Task<(TestDatabase Database, BackupSource Target)> NewTargetAsync(bool withKey)
    {
        var database = new TestDatabase(await _databases.CreateEmptyAsync(TestContext.Current.CancellationToken));
        await database.ExecuteAsync("create extension vector schema public");
        var target = SourceIn(database.ConnectionString, Directory.CreateTempSubdirectory("cpf-restored-").FullName);
        if (withKey)
        {
            File.Copy(Source.TombstoneKey, target.TombstoneKey);
        }

        return (database, target);
    }

    public async Task<(TestDatabase Database, BackupSource Target, RestoreOutcome Outcome)> RestoreAsync(string? id = null)
    {
        var (database, target) = await NewTargetAsync(withKey: true);
        var outcome = await new RestoreSession(target, Folder, (_, _) => { }).RunAsync(
            RestoreSession.Open(Folder, id), null, leaveOutDamaged: false, TestContext.Current.CancellationToken);
        return (database, target, outcome);
    }

    /// <summary>Ingest's step at start, on a restored database.</summary>
    public ErasureRepeat Repeat(TestDatabase database, BackupSource target)
    {
        // With the rights of a service, not those of the schema's owner.
        var service = PostgresDataSource.Create(database.ConnectionString + ";Options=-c role=cpf_service", "cpf-test");
        _services.Add(service);
        var records = new ErasureRecords(target.ErasureRecords);
        return new ErasureRepeat(
            service, Harness.Ingest.Key, records, new ErasureRecording(records, Harness.Ingest.Key),
            new ErasureStore(service, Harness.Ingest.Key), (_, _) => Task.CompletedTask, NullLogger<ErasureRepeat>.Instance);
    }

    /// <summary>Every row of every table but the given ones.</summary>
    public static async Task<List<string>> RowsAsync(TestDatabase database, params string[] without)
    {
        var tables = await database.QueryAsync(
            """
            select c.relname::text
            from pg_class c
            where c.relnamespace = 'cpf'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all ($1)
            order by 1
            """, (object)without);
        var rows = new List<string>();
        foreach (var table in tables.Select(t => (string)t[0]!))
        {
            var own = await database.QueryAsync($"select to_jsonb(t)::text from cpf.{table} t order by 1");
            rows.AddRange(own.Select(r => $"{table} {r[0]}"));
        }

        return rows;
    }

    /// <summary>Who may do what with the schemas and what is in them.</summary>
    public static async Task<List<string>> RightsAsync(TestDatabase database) =>
    [
        .. (await database.QueryAsync(
            """
            select r.role || ' ' || n.nspname || ' ' || has_schema_privilege(r.role, n.oid, 'usage') || ' '
                || has_schema_privilege(r.role, n.oid, 'create')
            from (values ('cpf_service'), ('cpf_reader')) as r(role), pg_namespace n
            where n.nspname in ('cpf', 'hangfire', 'public')
            union all
            select r.role || ' ' || c.relname || ' ' || concat_ws(',', has_table_privilege(r.role, c.oid, 'select'),
                has_table_privilege(r.role, c.oid, 'insert'), has_table_privilege(r.role, c.oid, 'update'),
                has_table_privilege(r.role, c.oid, 'delete'))
            from (values ('cpf_service'), ('cpf_reader')) as r(role), pg_class c
            where c.relnamespace = 'cpf'::regnamespace and c.relkind in ('r', 'p', 'v')
            union all
            select r.role || ' ' || f.oid::regprocedure || ' ' || has_function_privilege(r.role, f.oid, 'execute')
            from (values ('cpf_service'), ('cpf_reader')) as r(role), pg_proc f
            where f.pronamespace = 'cpf'::regnamespace
            order by 1
            """)).Select(r => (string)r[0]!),
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        Directory.Delete(Folder.Root, recursive: true);
        await Harness.DisposeAsync();
    }

    private static BackupSource SourceIn(string database, string folder) => new(
        database, Path.Combine(folder, "blobs"), Path.Combine(folder, "erasures"), Path.Combine(folder, "tombstone.key"),
        Path.Combine(folder, "state.json"), Path.Combine(folder, "restore.unfinished"));
}
