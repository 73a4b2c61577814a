using Npgsql;

namespace CpfPipeline.Data.Schema;

/// <summary>Makes the one <see cref="NpgsqlDataSource"/> of a process, with pgvector's types mapped.</summary>
public static class PostgresDataSource
{
    /// <summary>Name of the connection string in configuration.</summary>
    public const string ConnectionStringName = "Postgres";

    /// <summary>A data source whose connections know <c>halfvec</c>; the caller disposes it.</summary>
    /// <param name="connectionString">Npgsql connection string of the service role.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    public static NpgsqlDataSource Create(string connectionString, string applicationName)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName = applicationName;
        builder.Name = applicationName; // Else telemetry would name it by its connection string.
        builder.UseVector();
        return builder.Build();
    }
}
