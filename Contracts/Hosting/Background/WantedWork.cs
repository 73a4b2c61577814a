using CpfPipeline.Data.Outages;

namespace CpfPipeline.Hosting.Background;

/// <summary>Looks once a second whether long work is still wanted while it runs, and stops it when it is not.</summary>
/// <remarks>A look that fails by an outage says nothing: when the server is gone, the work itself fails.</remarks>
public sealed class WantedWork : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _looking;

    /// <summary>Looks from now on.</summary>
    /// <param name="isWanted">The look. An exception that is no outage stops the work and comes out of <see cref="DisposeAsync"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops the work, too.</param>
    public WantedWork(Func<CancellationToken, Task<bool>> isWanted, TimeProvider time, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _looking = Task.Run(() => LookAsync(isWanted, time), CancellationToken.None);
    }

    /// <summary>Cancelled when the work is to end.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whether the work is not wanted any more.</summary>
    public bool IsUnwanted { get; private set; }

    /// <summary>Ends the looks. The work is done, or has failed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        try
        {
            await _looking;
        }
        finally
        {
            _done.Dispose();
            _stop.Dispose();
        }
    }

    private async Task LookAsync(Func<CancellationToken, Task<bool>> isWanted, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (!IsUnwanted && await timer.WaitForNextTickAsync(_done.Token))
            {
                IsUnwanted = !await LookOnceAsync(isWanted);
            }
        }
        catch (OperationCanceledException) when (_done.IsCancellationRequested)
        {
            return;
        }
        catch (Exception)
        {
            await _stop.CancelAsync();
            throw;
        }

        await _stop.CancelAsync();
    }

    private async Task<bool> LookOnceAsync(Func<CancellationToken, Task<bool>> isWanted)
    {
        try
        {
            return await isWanted(_done.Token);
        }
        catch (Exception e) when (Outage.IsOne(e) || e is ObjectDisposedException)
        {
            return true;
        }
    }
}
