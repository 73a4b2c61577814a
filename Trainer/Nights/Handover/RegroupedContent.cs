namespace CpfPipeline.Nights.Handover;

/// <summary>A content with its groups under two models.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Before">Its group under the one.</param>
/// <param name="After">Its group under the other.</param>
public readonly record struct RegroupedContent(long ContentId, long Before, long After);
