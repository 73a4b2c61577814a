using Npgsql;

namespace CpfPipeline.Data.Schema;

/// <summary>Makes the one <see cref="NpgsqlDataSource"/> of a process, with pgvector's types mapped.</summary>
public static class PostgresDataSource
{
    /// <summary>Name of the connection string in configuration.</summary>
    public const string ConnectionStringName = "Postgres";

    /// <summary>
    /// A data source whose connections know <c>halfvec</c>; the caller disposes it. It connects to no database whose restore is not
    /// finished: see <see cref="UnfinishedRestore"/>.
    /// </summary>
    /// <param name="connectionString">Npgsql connection string of the service role.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    public static NpgsqlDataSource Create(string connectionString, string applicationName)
    {
        var builder = Builder(connectionString, applicationName);
        builder.UsePhysicalConnectionInitializer(UnfinishedRestore.Refuse, UnfinishedRestore.RefuseAsync);
        return builder.Build();
    }

    /// <summary>As <see cref="Create"/>, for the restore itself.</summary>
    public static NpgsqlDataSource CreateForRestore(string connectionString, string applicationName) =>
        Builder(connectionString, applicationName).Build();

    private static NpgsqlDataSourceBuilder Builder(string connectionString, string applicationName)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName = applicationName;
        builder.Name = applicationName; // Else telemetry would name it by its connection string.
        builder.UseVector();
        return builder;
    }
}
