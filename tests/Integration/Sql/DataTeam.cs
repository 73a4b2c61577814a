using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>Runs queries as the role <c>cpf_reader</c>, which may do only what data teams are promised.</summary>
internal sealed class DataTeam(TestDatabase database)
{
    /// <summary>The rows of one query.</summary>
    public async Task<Answer> AskAsync(string sql, params object[] parameters)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var role = new NpgsqlCommand("set local role cpf_reader", connection))
        {
            await role.ExecuteNonQueryAsync();
        }

#pragma warning disable CA2100 // Constants of tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        await using var reader = await command.ExecuteReaderAsync();
        string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        var rows = new List<IReadOnlyDictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, columns.Length)
                .ToDictionary(i => columns[i], i => reader.GetValue(i) is var value and not DBNull ? value : null));
        }

        return new Answer(columns, rows);
    }

    /// <summary>The only value of the only row.</summary>
    public async Task<object?> ValueAsync(string sql, params object[] parameters) =>
        (await AskAsync(sql, parameters)).Rows.Single().Values.Single();

    internal sealed record Answer(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyDictionary<string, object?>> Rows);
}
