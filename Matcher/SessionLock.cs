using Npgsql;

namespace CpfPipeline.Matcher;

/// <summary>A lock over all processes on a database, held by a connection of its own until disposed.</summary>
internal sealed class SessionLock : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _name;

    private SessionLock(NpgsqlConnection connection, string name) => (_connection, _name) = (connection, name);

    /// <summary>Waits for the lock.</summary>
    public static async Task<SessionLock> TakeAsync(NpgsqlDataSource dataSource, string name, CancellationToken cancellationToken) =>
        (await TakeAsync(dataSource, name, "select pg_advisory_lock(hashtextextended($1, 0)) is not null", cancellationToken))!;

    /// <summary>The lock, or null when somebody else has it.</summary>
    public static Task<SessionLock?> TryTakeAsync(NpgsqlDataSource dataSource, string name, CancellationToken cancellationToken) =>
        TakeAsync(dataSource, name, "select pg_try_advisory_lock(hashtextextended($1, 0))", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock(hashtextextended($1, 0))", _connection) { Parameters = { new() { Value = _name } } };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session ended, and the lock with it.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    private static async Task<SessionLock?> TakeAsync(NpgsqlDataSource dataSource, string name, string sql, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
#pragma warning disable CA2100 // Constant text.
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0, Parameters = { new() { Value = name } } };
#pragma warning restore CA2100
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new SessionLock(connection, name);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }
}
