using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Schema;

/// <summary>
/// Applies the numbered, forward-only SQL migrations to a database, each in a transaction that holds the lock of
/// <c>cpf.schema_versions</c>. Needs a role that may create the schema <c>cpf</c>, and, where they are missing, the extension <c>vector</c>
/// and the roles <c>cpf_service</c>, <c>cpf_reader</c> and <c>cpf_auditor</c>.
/// </summary>
/// <param name="ownerConnectionString">Connection of the role that owns (or will own) the schema.</param>
public sealed class Migrator(string ownerConnectionString)
{
    private const int MaxPreparations = 10;

    /// <summary>The schema version that this program brings a database to.</summary>
    public static int NewestVersion => Migration.All()[^1].Version;

    /// <summary>Brings the schema to the newest version. Does nothing when it is there already.</summary>
    /// <returns>The versions applied now.</returns>
    /// <exception cref="SchemaMismatchException">The database is newer than this program, or an applied migration was edited.</exception>
    public async Task<IReadOnlyList<int>> MigrateAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ownerConnectionString);
        await connection.OpenAsync(cancellationToken);
        await PrepareAsync(connection, cancellationToken);
        var known = Migration.All();
        var now = new List<int>();
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, "lock table cpf.schema_versions in exclusive mode", cancellationToken);
            var applied = await ReadAppliedAsync(connection, cancellationToken);
            Verify(applied, known);
            if (known.FirstOrDefault(m => !applied.ContainsKey(m.Version)) is not { } migration)
            {
                break;
            }

            await ExecuteAsync(connection, migration.Sql, cancellationToken);
            await connection.Sql(
                "insert into cpf.schema_versions (version, name, sha256) values ($1, $2, $3)",
                [migration.Version, migration.Name, migration.Sha256]).ExecuteAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            now.Add(migration.Version);
        }

        // Later connections must load the type that vector brings.
        NpgsqlConnection.ClearPool(connection);
        return now;
    }

    /// <summary>
    /// Creates what the lock needs. Two processes that create it at the same time conflict. One of them tries again and finds it there.
    /// </summary>
    private static async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await ExecuteAsync(connection, Preparation, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return;
            }
            catch (PostgresException e) when (attempt < MaxPreparations && e.SqlState is PostgresErrorCodes.UniqueViolation
                or PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.DuplicateSchema or PostgresErrorCodes.DuplicateTable)
            {
            }
        }
    }

    private static void Verify(Dictionary<int, string> applied, IReadOnlyList<Migration> known)
    {
        foreach (var (version, sha256) in applied)
        {
            var migration = known.FirstOrDefault(m => m.Version == version)
                ?? throw new SchemaMismatchException(
                    $"The database has schema version {version}, this program knows up to {known[^1].Version}: run the newer program.");
            if (migration.Sha256 != sha256)
            {
                throw new SchemaMismatchException(
                    $"Migration {version} ({migration.Name}) was changed after it had been applied to this database.");
            }
        }
    }

    private static async Task<Dictionary<int, string>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = await connection.Sql("select version, sha256 from cpf.schema_versions order by version")
            .QueryAsync(row => (Version: row.GetInt32(0), Sha256: row.GetString(1)), cancellationToken);
        return applied.ToDictionary(a => a.Version, a => a.Sha256);
    }

    private static Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.Sql(sql).WithoutTimeout().ExecuteAsync(cancellationToken);

    private const string Preparation = """
        do $$
        begin
            if not exists (select from pg_extension where extname = 'vector') then
                create extension vector schema public;
            end if;
            -- Roles belong to the server, which other databases share: another migration may create them at the same time.
            if not exists (select from pg_roles where rolname = 'cpf_service') then
                begin create role cpf_service nologin; exception when duplicate_object or unique_violation then null; end;
            end if;
            if not exists (select from pg_roles where rolname = 'cpf_reader') then
                begin create role cpf_reader nologin; exception when duplicate_object or unique_violation then null; end;
            end if;
            if not exists (select from pg_roles where rolname = 'cpf_auditor') then
                begin create role cpf_auditor nologin; exception when duplicate_object or unique_violation then null; end;
            end if;
        end $$;
        create schema if not exists cpf;
        create table if not exists cpf.schema_versions (
            version    integer     primary key,
            name       text        not null,
            sha256     text        not null,
            applied_at timestamptz not null default now()
        );
        lock table cpf.schema_versions in exclusive mode;
        comment on schema cpf is 'CpfPipeline: images in, match groups out.';
        comment on table  cpf.schema_versions is 'Migrations applied to this database.';
        comment on column cpf.schema_versions.version    is 'Number of the migration.';
        comment on column cpf.schema_versions.name       is 'What it is about.';
        comment on column cpf.schema_versions.sha256     is 'SHA-256 of its text when applied.';
        comment on column cpf.schema_versions.applied_at is 'When.';
        """;

    private sealed record Migration(int Version, string Name, string Sql, string Sha256)
    {
        public static IReadOnlyList<Migration> All()
        {
            var assembly = Assembly.GetExecutingAssembly();
            return [.. assembly.GetManifestResourceNames()
                .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
                .Select(name => Read(assembly, name))
                .OrderBy(m => m.Version)];
        }

        private static Migration Read(Assembly assembly, string resource)
        {
            // CpfPipeline.Data.Migrations.V001__pipeline.sql
            var file = resource.Split('.')[^2];
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = reader.ReadToEnd();
            var parts = file.Split("__", 2);
            return new Migration(
                int.Parse(parts[0].AsSpan(1), System.Globalization.CultureInfo.InvariantCulture),
                parts[1],
                sql,
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
        }
    }
}
