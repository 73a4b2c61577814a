namespace CpfPipeline.Matcher.Stores;

/// <summary>A row of <c>cpf.matches</c>; <see cref="ContentA"/> is the smaller id.</summary>
internal readonly record struct MatchRow(long ContentA, long ContentB, double Similarity);
