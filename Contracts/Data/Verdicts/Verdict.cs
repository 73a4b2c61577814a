namespace CpfPipeline.Data.Verdicts;

/// <summary>A row of <c>cpf.verdicts</c>.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="Same">true: <c>same</c>; false: <c>different</c>.</param>
public readonly record struct Verdict(long ContentA, long ContentB, bool Same);
