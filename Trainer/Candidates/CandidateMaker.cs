using CpfPipeline.Data;
using Npgsql;

namespace CpfPipeline.Trainer.Candidates;

/// <summary>From the database to a candidate and a decision about it.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="blobs">Model files.</param>
/// <param name="time">Clock.</param>
internal sealed class CandidateMaker(NpgsqlDataSource dataSource, IBlobStore blobs, TimeProvider time)
{
    /// <param name="request">What is asked for.</param>
    /// <param name="report">Receives the step (building_set, training, calibrating, evaluating, gate, in this order), the share of it that is done, and a line for a person; from any thread.</param>
    /// <param name="cancellationToken">Stops within a second or so; what was trained is kept in the work folder.</param>
    public Task<CandidateOutcome> MakeAsync(CandidateRequest request, Action<string, double, string> report, CancellationToken cancellationToken)
    {
        _ = (dataSource, blobs, time, request, report, cancellationToken);
        throw new NotImplementedException();
    }
}
