namespace CpfPipeline.Matcher.Stores;

/// <summary>A row of <c>cpf.group_merges</c>.</summary>
internal readonly record struct MergeRow(long Left, long Right, double Height);
