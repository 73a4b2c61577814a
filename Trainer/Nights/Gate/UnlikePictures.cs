namespace CpfPipeline.Nights.Gate;

/// <summary>What both models make of pictures that no class says anything of, each at its own threshold.</summary>
/// <param name="Of">Which pictures, for a person.</param>
/// <param name="Count">How many.</param>
/// <param name="Candidate">Share of their pairs that the candidate calls one product.</param>
/// <param name="Active">The active model's share.</param>
/// <param name="MaxExcess">How much larger than twice the active model's the candidate's may be.</param>
internal sealed record UnlikePictures(string Of, int Count, double Candidate, double Active, double MaxExcess)
{
    private const double MaxFactor = 2;

    public bool IsTooAlike => Candidate > (MaxFactor * Active) + MaxExcess;
}
