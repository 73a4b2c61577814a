namespace CpfPipeline.Data.Matching;

/// <summary>A row of <c>cpf.matches</c>; <see cref="ContentA"/> is the smaller id.</summary>
public readonly record struct MatchRow(long ContentA, long ContentB, double Similarity);
