using Npgsql;

namespace CpfPipeline.Data.Feeds;

/// <summary>The right to read the feeds of a source: an advisory lock that lives as long as this object's connection.</summary>
public sealed class FeedLease : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    internal FeedLease(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Gives the lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection.State == System.Data.ConnectionState.Open)
        {
            await using var unlock = new NpgsqlCommand("select pg_advisory_unlock_all()", _connection);
            try
            {
                await unlock.ExecuteNonQueryAsync();
            }
            catch (NpgsqlException)
            {
                // The connection broke, and the lock with it.
            }
        }

        await _connection.DisposeAsync();
    }
}
