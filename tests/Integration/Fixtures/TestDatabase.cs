using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>One migrated database. Dispose closes its connections.</summary>
/// <param name="connectionString">Connection string of the owner.</param>
/// <param name="disposed">Called once the connections are closed.</param>
public sealed class TestDatabase(string connectionString, Action? disposed = null) : IAsyncDisposable
{
    private Action? _disposed = disposed;

    /// <summary>Connection string of the owner.</summary>
    public string ConnectionString { get; } = connectionString;

    /// <summary>As the services use it, with pgvector's types.</summary>
    public NpgsqlDataSource DataSource { get; } = PostgresDataSource.Create(connectionString, "cpf-test");

    /// <summary>Runs a statement.</summary>
    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>First column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>All rows.</summary>
    public async Task<List<object?[]>> QueryAsync(string sql, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add([.. row.Select(value => value is DBNull ? null : value)]);
        }

        return rows;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        Interlocked.Exchange(ref _disposed, null)?.Invoke();
    }

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
