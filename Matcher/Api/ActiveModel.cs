namespace CpfPipeline.Matcher.Api;

/// <summary>The model whose groups are kept.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="HeadId">Its head.</param>
/// <param name="Threshold">tau.</param>
internal sealed record ActiveModel(long ModelId, long HeadId, double Threshold);
