using Npgsql;

namespace CpfPipeline.Trainer.Drift;

/// <summary>Compares the nearest-neighbour similarities of new contents with those of calibration.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class DriftCheck(NpgsqlDataSource dataSource)
{
    /// <returns>Null when no model is active.</returns>
    public Task<DriftFinding?> RunAsync(CancellationToken cancellationToken)
    {
        _ = (dataSource, cancellationToken);
        throw new NotImplementedException();
    }
}
