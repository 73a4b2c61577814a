namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>
/// Where a group would come apart first: the last merge that similarity made, and the pair that holds the two parts together best.
/// </summary>
/// <param name="Height">Mean similarity across the two parts.</param>
/// <param name="LeftSize">Pictures in the one part.</param>
/// <param name="RightSize">Pictures in the other part.</param>
/// <param name="Left">The picture of the one part that is most like one of the other; null when no embedding is there.</param>
/// <param name="Right">That one of the other part.</param>
/// <param name="Similarity">Similarity of the two.</param>
public sealed record WeakestBridge(double Height, int LeftSize, int RightSize, long? Left, long? Right, double Similarity);
