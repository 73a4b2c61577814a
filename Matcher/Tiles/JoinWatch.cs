using System.Net.Sockets;
using Npgsql;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>Looks once a second whether a join is still wanted while a tile of it is computed, and stops the work when it is not.</summary>
internal sealed class JoinWatch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _watching;

    public JoinWatch(NpgsqlDataSource dataSource, long joinId, TimeProvider time, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _watching = Task.Run(() => WatchAsync(dataSource, joinId, time), CancellationToken.None);
    }

    /// <summary>Cancelled when the work is to end.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whether the join is not wanted any more.</summary>
    public bool IsUnwanted { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _watching;
        _done.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync(NpgsqlDataSource dataSource, long joinId, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (!IsUnwanted && await timer.WaitForNextTickAsync(_done.Token))
            {
                if (!await IsWantedAsync(dataSource, joinId))
                {
                    IsUnwanted = true;
                    await _stop.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (_done.IsCancellationRequested)
        {
            // The work is done.
        }
    }

    private async Task<bool> IsWantedAsync(NpgsqlDataSource dataSource, long joinId)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(_done.Token);
            return await JoinStore.IsWantedAsync(connection, joinId, _done.Token);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or SocketException or ObjectDisposedException)
        {
            return true; // Nobody has taken it back. When the database is gone, the tile cannot be written.
        }
    }
}
