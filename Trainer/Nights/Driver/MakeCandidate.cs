using CpfPipeline.Nights.Candidates;

namespace CpfPipeline.Nights.Driver;

/// <summary>Makes and judges a candidate; see <see cref="CandidateMaker.MakeAsync"/>.</summary>
/// <param name="request">What is asked for.</param>
/// <param name="report">Receives the step, the share of it that is done and a line for a person; from any thread.</param>
/// <param name="cancellationToken">Stops within a second or so.</param>
public delegate Task<CandidateOutcome> MakeCandidate(CandidateRequest request, Action<string, double, string> report, CancellationToken cancellationToken);
