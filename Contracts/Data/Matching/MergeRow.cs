namespace CpfPipeline.Data.Matching;

/// <summary>A row of <c>cpf.group_merges</c>.</summary>
public readonly record struct MergeRow(long Left, long Right, double Height);
