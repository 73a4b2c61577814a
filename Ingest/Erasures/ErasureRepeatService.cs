using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Repeats erasures before anything is taken in. Where the database does not answer or cannot be used yet, nothing is taken in either:
/// <see cref="ErasureLoop"/> does it then. With a record that was made under another key the service does not start.
/// </summary>
internal sealed class ErasureRepeatService(ErasureRepeat repeat, ILogger<ErasureRepeatService> logger) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await repeat.RunAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            Log.ErasuresNotRepeatedYet(logger, e.Message);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
