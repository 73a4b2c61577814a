namespace CpfPipeline.Matching.Grouping;

/// <summary>One merge of two clusters, each named by its smallest content id at that time.</summary>
/// <param name="Left">The smaller cluster id; the merged cluster keeps it.</param>
/// <param name="Right">The larger cluster id.</param>
/// <param name="Height">Mean cross similarity of the two clusters; at least tau unless a <c>same</c> verdict merged them.</param>
public readonly record struct AgglomerationMerge(long Left, long Right, double Height);
