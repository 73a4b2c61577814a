namespace CpfPipeline.Matcher.Stores;

/// <summary>A row of <c>cpf.groups</c>: the cohesion of a group of two contents or more.</summary>
internal readonly record struct GroupRow(long GroupId, int Size, double MinPairSimilarity, long Medoid, double WeakestMerge);
