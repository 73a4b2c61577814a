using System.Data;
using System.Diagnostics;
using System.Security.Cryptography;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>One snapshot of the database: what pg_dump writes and what is read beside it show the same moment.</summary>
internal sealed class DatabaseDump : IAsyncDisposable
{
    // Hangfire's tables hold the dashboard's history and nothing of ours; runs do not depend on them. They belong to the services' role.
    // Whoever has the keys that sign cookies can sign a browser in: after a restore there are new ones, and people sign in again.
    private static readonly string[] Arguments =
    [
        "--format=custom", "--no-owner", "--schema=cpf", "--schema=hangfire", "--exclude-table=hangfire.*",
        "--exclude-table-data=cpf.page_keys", "--no-password",
    ];

    // Bytes of erased contents are gone already. The files of models are blobs too.
    private const string Blobs = """
        select encode(sha256, 'hex') || ' ' || max(byte_length)
        from (select sha256, byte_length from cpf.contents where state <> 'erased'
              union all select sha256, -1 from cpf.backbones
              union all select sha256, -1 from cpf.heads) as b
        group by b.sha256
        order by b.sha256
        """;

    private static readonly string[] Counted = ["contents", "images", "models", "verdicts", "erasures", "tombstones", "feeds", "outbox"];

    private readonly NpgsqlDataSource _dataSource;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private DatabaseDump(NpgsqlDataSource dataSource, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_dataSource, _connection, _transaction) = (dataSource, connection, transaction);

    public required string Snapshot { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required int SchemaVersion { get; init; }

    public required Guid Installation { get; init; }

    public required int PostgresVersion { get; init; }

    /// <summary>Takes the snapshot. It is held until this is disposed.</summary>
    /// <exception cref="CommandException">The database has no schema of ours (3).</exception>
    public static async Task<DatabaseDump> BeginAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        // It waits while pg_dump works.
        await connection.Sql("set local idle_in_transaction_session_timeout = 0").ExecuteAsync(cancellationToken);
        if (await connection.Sql("select to_regclass('cpf.installation')::text").ScalarAsync<string?>(cancellationToken) is null)
        {
            await connection.DisposeAsync();
            throw CommandException.Infrastructure("the database has no schema, or an older one: infra/cpf up brings it to this version");
        }

        var (snapshot, at, schema, installation) = await connection.Sql(
            """
            select pg_export_snapshot(), now(), (select max(version) from cpf.schema_versions),
                   (select installation_id from cpf.installation)
            """)
            .FirstAsync(r => (r.GetString(0), r.GetFieldValue<DateTimeOffset>(1), r.GetInt32(2), r.GetGuid(3)), cancellationToken);
        return new DatabaseDump(dataSource, connection, transaction)
        {
            Snapshot = snapshot, TakenAt = at, SchemaVersion = schema, Installation = installation,
            PostgresVersion = connection.PostgreSqlVersion.Major,
        };
    }

    /// <summary>Has pg_dump write the database.</summary>
    /// <param name="pgDump">The program.</param>
    /// <param name="connectionString">Connection string of the schema's owner.</param>
    /// <param name="path">The file.</param>
    /// <param name="tell">Receives how many bytes are written.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CommandException">It failed (3).</exception>
    public async Task<BackupFile> WriteAsync(
        string pgDump, string connectionString, string path, Action<long> tell, CancellationToken cancellationToken)
    {
        var start = PostgresTools.Start(pgDump, connectionString, [.. Arguments, $"--snapshot={Snapshot}"]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start) ?? throw CommandException.Infrastructure($"{pgDump} could not be started");
        try
        {
            var said = process.StandardError.ReadToEndAsync(cancellationToken);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (buffer, bytes) = (new byte[1 << 20], 0L);
            await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                while (await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken) is var n and > 0)
                {
                    hash.AppendData(buffer, 0, n);
                    await file.WriteAsync(buffer.AsMemory(0, n), cancellationToken);
                    tell(bytes += n);
                }
            }

            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? new BackupFile(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()))
                : throw CommandException.Infrastructure($"pg_dump failed: {(await said).Trim().ReplaceLineEndings(" ")}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(); // Cancelled, or the disk is full.
            }
        }
    }

    /// <summary>
    /// Hands on every blob that the snapshot names as a line of hash and length, ascending; -1 where the length is not known.
    /// </summary>
    public Task ForEachBlobAsync(Action<string> blob, CancellationToken cancellationToken) =>
        _connection.Sql(Blobs).WithoutTimeout().ForEachAsync(row => blob(row.GetString(0)), cancellationToken);

    /// <summary>The same as the database is now, not at the snapshot.</summary>
    public Task ForEachBlobNowAsync(Action<string> blob, CancellationToken cancellationToken) =>
        _dataSource.Sql(Blobs).WithoutTimeout().ForEachAsync(row => blob(row.GetString(0)), cancellationToken);

    /// <summary>Rows of some tables.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in Counted)
        {
            counts[table] = await _connection.Sql($"select count(*) from cpf.{table}").WithoutTimeout()
                .ScalarAsync<long>(cancellationToken);
        }

        return counts;
    }

    /// <summary>Tombstones, hex.</summary>
    public Task<List<string>> TombstonesAsync(CancellationToken cancellationToken) =>
        _connection.Sql("select encode(hash, 'hex') from cpf.tombstones").WithoutTimeout()
            .QueryAsync(row => row.GetString(0), cancellationToken);

    /// <summary>Tells whether a tombstone key is the right one; null before the first erasure.</summary>
    public Task<string?> KeyCheckAsync(CancellationToken cancellationToken) =>
        _connection.Sql("select encode(key_check, 'hex') from cpf.tombstone_key").ScalarAsync<string?>(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
