using Npgsql;

namespace CpfPipeline.Data.Sql;

/// <summary>A statement with its values, ready to be run once; see <see cref="SqlStatements"/>.</summary>
/// <remarks>
/// <b>Who owns the transaction.</b> A static method of a store takes the caller's connection and runs in the caller's transaction, if there
/// is one; it neither begins nor ends one. An instance method of a store opens a connection of its own, and begins and commits a
/// transaction of its own when it writes with more than one statement. A method that changes rows and announces it appends to the outbox in
/// the same transaction and returns the outbox's rows.
/// </remarks>
public sealed class SqlStatement
{
    private readonly NpgsqlConnection? _connection;
    private readonly NpgsqlDataSource? _dataSource;
    private readonly string _text;
    private readonly object?[] _values;
    private TimeSpan? _timeout;

    internal SqlStatement(NpgsqlConnection? connection, NpgsqlDataSource? dataSource, string text, object?[]? values) =>
        (_connection, _dataSource, _text, _values) = (connection, dataSource, text, values ?? []);

    /// <summary>
    /// Removes the time limit. Otherwise the statement fails after the connection string's <c>Command Timeout</c>, 30 seconds by default.
    /// </summary>
    public SqlStatement WithoutTimeout() => Within(TimeSpan.Zero);

    /// <summary>Sets the time limit, in whole seconds.</summary>
    public SqlStatement Within(TimeSpan timeout)
    {
        _timeout = timeout;
        return this;
    }

    /// <summary>Runs it.</summary>
    /// <returns>How many rows were changed.</returns>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        await using var command = Command();
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row.</summary>
    /// <typeparam name="T">Its type; a nullable one when there may be no row or no value.</typeparam>
    /// <exception cref="InvalidOperationException">There is no row or no value, and the type is not nullable.</exception>
    public async Task<T> ScalarAsync<T>(CancellationToken cancellationToken)
    {
        await using var command = Command();
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            null or DBNull when default(T) is null => default!,
            null or DBNull => throw new InvalidOperationException("The statement gave no value."),
            var value => (T)value,
        };
    }

    /// <summary>All rows.</summary>
    /// <param name="read">Makes a value from the reader's current row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<List<T>> QueryAsync<T>(Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Hands each row on and keeps none.</summary>
    /// <param name="read">Receives the reader's current row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ForEachAsync(Action<NpgsqlDataReader> read, CancellationToken cancellationToken)
    {
        await using var command = Command();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            read(reader);
        }
    }

    /// <summary>The first row, or null when there is none.</summary>
    /// <param name="read">Makes the value from the reader's current row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<T?> FirstOrDefaultAsync<T>(Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        await using var command = Command();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : null;
    }

    /// <summary>The first row of a statement that always has one: an aggregate, or <c>returning</c>.</summary>
    /// <param name="read">Makes the value from the reader's current row.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public async Task<T> FirstAsync<T>(Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : throw new InvalidOperationException("The statement gave no row.");
    }

    private NpgsqlCommand Command()
    {
#pragma warning disable CA2100 // The text is put together from constants of the stores; whatever comes from outside is a value.
        var command = _dataSource is null ? new NpgsqlCommand(_text, _connection) : _dataSource.CreateCommand(_text);
#pragma warning restore CA2100
        if (_timeout is { } timeout)
        {
            command.CommandTimeout = (int)timeout.TotalSeconds; // 0: for ever.
        }

        Fill(command.Parameters, _values);
        return command;
    }

    internal static void Fill(NpgsqlParameterCollection parameters, object?[] values)
    {
        foreach (var value in values)
        {
            parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}
