using CpfPipeline.Learning.Optimisation;

namespace CpfPipeline.Nights.Candidates;

/// <summary>Builds candidates; tests of what follows put another one in its place, which takes no minutes.</summary>
public interface ICandidateBuilder
{
    /// <summary>Builds a candidate and judges it.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="report">
    /// Receives the step (building_set, training, calibrating, evaluating, gate, in this order), the share of it that is done, and a line
    /// for a person; from any thread, thousands of times.
    /// </param>
    /// <param name="cancellationToken">Stops within a second or so; what was trained is kept in the work folder.</param>
    /// <exception cref="IOException">The work folder cannot be used.</exception>
    /// <exception cref="LossIsNotFiniteException">The training came to nothing.</exception>
    Task<CandidateOutcome> BuildAsync(CandidateRequest request, Action<string, double, string> report, CancellationToken cancellationToken);
}
