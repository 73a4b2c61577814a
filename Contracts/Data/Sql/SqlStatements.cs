using Npgsql;

namespace CpfPipeline.Data.Sql;

/// <summary>Statements of a connection or a data source, and columns that may be null.</summary>
public static class SqlStatements
{
    /// <summary>A statement on a connection, in its transaction if it has one.</summary>
    /// <param name="connection">Open connection.</param>
    /// <param name="text">SQL, put together from constants only.</param>
    /// <param name="values">
    /// What <c>$1</c>, <c>$2</c> and so on stand for; an <see cref="NpgsqlParameter"/> where PostgreSQL cannot guess the type.
    /// </param>
    public static SqlStatement Sql(this NpgsqlConnection connection, string text, object?[]? values = null) =>
        new(connection, null, text, values);

    /// <summary>A statement on a connection of its own, by itself.</summary>
    /// <param name="dataSource">The process's data source.</param>
    /// <param name="text">SQL, put together from constants only.</param>
    /// <param name="values">
    /// What <c>$1</c>, <c>$2</c> and so on stand for; an <see cref="NpgsqlParameter"/> where PostgreSQL cannot guess the type.
    /// </param>
    public static SqlStatement Sql(this NpgsqlDataSource dataSource, string text, object?[]? values = null) =>
        new(null, dataSource, text, values);

    /// <summary>Adds a statement to a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="text">SQL, put together from constants only.</param>
    /// <param name="values">What <c>$1</c>, <c>$2</c> and so on stand for, as above.</param>
    public static void Add(this NpgsqlBatch batch, string text, object?[] values)
    {
#pragma warning disable CA2100 // As in SqlStatement.
        var command = new NpgsqlBatchCommand(text);
#pragma warning restore CA2100
        SqlStatement.Fill(command.Parameters, values);
        batch.BatchCommands.Add(command);
    }

    /// <summary>A text, or null.</summary>
    public static string? GetStringOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A number, a time or the like, or null.</summary>
    public static T? GetOrNull<T>(this NpgsqlDataReader row, int column)
        where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);
}
