using System.Data;
using Npgsql;

namespace CpfPipeline.Cli.Exports;

/// <summary>Hands the rows of a query to a writer as they come, all of one snapshot of the database.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class Export(NpgsqlDataSource dataSource)
{
    private const int RowsBetweenReports = 100_000;

    /// <param name="query">What is exported.</param>
    /// <param name="since">For changes: the position after which they are wanted; else 0.</param>
    /// <param name="writer">Takes the rows.</param>
    /// <param name="progress">Told how many rows there were so far, now and then.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ExportOutcome> RunAsync(
        ExportQuery query, long since, IExportWriter writer, Action<long> progress, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
#pragma warning disable CA2100 // A constant of ExportQuery.
        await using var command = new NpgsqlCommand(query.Text, connection, transaction)
        {
            CommandTimeout = 0, Parameters = { new() { Value = since } },
        };
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        ExportColumn[] columns = [.. Enumerable.Range(0, reader.FieldCount)
            .Select(i => new ExportColumn(reader.GetName(i), TypeOf(reader.GetFieldType(i)), query.Ids.Contains(reader.GetName(i))))];
        var position = Array.FindIndex(columns, c => c.Name == query.Position);
        var row = new object?[columns.Length];
        var (rows, last) = (0L, since);
        await writer.BeginAsync(columns, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = ValueOf(reader.GetValue(i));
            }

            await writer.WriteAsync(row, cancellationToken);
            last = position < 0 ? last : (long)row[position]!;
            if (++rows % RowsBetweenReports == 0)
            {
                progress(rows);
            }
        }

        await writer.EndAsync(cancellationToken);
        return new(rows, query.Position is null ? null : last);
    }

    private static Type TypeOf(Type type) => type == typeof(int) ? typeof(long)
        : type == typeof(long) || type == typeof(double) || type == typeof(bool) || type == typeof(DateTime) ? type : typeof(string);

    private static object? ValueOf(object value) => value switch
    {
        DBNull => null,
        int number => (long)number,
        Guid id => id.ToString(),
        _ => value,
    };
}
