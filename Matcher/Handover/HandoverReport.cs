using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Outages;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Writes the progress of a long piece of work once a second, and stops the work when it is no longer requested.</summary>
internal sealed class HandoverReport : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _writing;
    private volatile Line _line = new(0, "begins");

    public HandoverReport(NpgsqlDataSource dataSource, long modelId, TimeProvider time, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _writing = Task.Run(() => WriteAsync(dataSource, modelId, time), CancellationToken.None);
    }

    /// <summary>Cancelled when the work is to end.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whether the work is no longer requested.</summary>
    public bool IsUnwanted { get; private set; }

    /// <summary>What is to be written next.</summary>
    public void Say(double progress, string message) => _line = new Line(progress, message);

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _writing;
        _done.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAsync(NpgsqlDataSource dataSource, long modelId, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_done.Token))
            {
                await WriteOnceAsync(dataSource, modelId);
            }
        }
        catch (OperationCanceledException) when (_done.IsCancellationRequested)
        {
            // The work is done.
        }
    }

    private async Task WriteOnceAsync(NpgsqlDataSource dataSource, long modelId)
    {
        var line = _line;
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(_done.Token);
            if (!await ModelPreparationStore.ReportAsync(connection, modelId, line.Progress, line.Message, _done.Token))
            {
                IsUnwanted = true;
                await _stop.CancelAsync();
            }
        }
        catch (Exception e) when (Outage.IsOne(e))
        {
            // Another report follows this one. When the database is gone, the work itself fails.
        }
    }

    private sealed record Line(double Progress, string Message);
}
