using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Repeats erasures before anything is taken in. Where the database cannot be reached or has no schema yet, nothing is taken in either:
/// <see cref="ErasureLoop"/> does it then. With a record that was made under another key the service does not start.
/// </summary>
internal sealed class ErasureRepeatService(ErasureRepeat repeat, TimeProvider time, ILogger<ErasureRepeatService> logger) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await repeat.RunAsync(cancellationToken);
                return;
            }
            catch (PostgresException e) when (e.SqlState is not (PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
                && e.IsTransient)
            {
                Log.ErasuresNotRepeatedYet(logger, e.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (NpgsqlException e)
            {
                Log.ErasuresNotRepeatedYet(logger, e.Message);
                return;
            }
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
