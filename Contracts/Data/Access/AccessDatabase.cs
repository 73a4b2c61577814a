using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Data.Access;

/// <summary>
/// The few connections by which keys, links and sessions are looked up and refusals are written. In a service they are apart from those of
/// the requests, so that whoever keeps these busy locks nobody out.
/// </summary>
public sealed class AccessDatabase : IAsyncDisposable
{
    private const int MaxConnections = 8;
    private readonly bool _isOwn;

    /// <summary>Uses the connections of the process.</summary>
    public AccessDatabase(NpgsqlDataSource dataSource) => DataSource = dataSource;

    private AccessDatabase(string connectionString, string applicationName)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { MinPoolSize = 0, MaxPoolSize = MaxConnections };
        DataSource = PostgresDataSource.Create(builder.ConnectionString, applicationName);
        _isOwn = true;
    }

    /// <summary>Makes the connections.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Connections of its own.</summary>
    /// <param name="connectionString">Of the service.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c>.</param>
    public static AccessDatabase Connect(string connectionString, string applicationName) => new(connectionString, applicationName);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _isOwn ? DataSource.DisposeAsync() : ValueTask.CompletedTask;
}
