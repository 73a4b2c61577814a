using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>What came of a <see cref="CandidateRequest"/>.</summary>
/// <param name="Facts">The training set it was made from.</param>
public abstract record CandidateOutcome(TrainingSetFacts Facts)
{
    /// <summary>A candidate with its report; whether it may go on is the gate's word.</summary>
    /// <param name="Facts">The training set it was made from.</param>
    /// <param name="Head">The head's ONNX file; the active one's for another threshold.</param>
    /// <param name="HeadSha256">SHA-256 of it.</param>
    /// <param name="EmbeddingDim">Values of an embedding.</param>
    /// <param name="Threshold">tau.</param>
    /// <param name="ReportJson">What was measured, also of a refused candidate.</param>
    /// <param name="ReportHtml">The same as a page, without pictures.</param>
    /// <param name="Passed">False: refused by the gate.</param>
    /// <param name="Reason">The gate's decision, in a sentence.</param>
    public sealed record Made(
        TrainingSetFacts Facts, byte[] Head, byte[] HeadSha256, int EmbeddingDim, double Threshold, string ReportJson, string ReportHtml,
        bool Passed, string Reason) : CandidateOutcome(Facts);

    /// <summary>There is nothing to learn from or to measure on yet.</summary>
    /// <param name="Facts">The training set that there is.</param>
    /// <param name="Reason">What is missing, in a sentence.</param>
    public sealed record TooLittleData(TrainingSetFacts Facts, string Reason) : CandidateOutcome(Facts);
}
