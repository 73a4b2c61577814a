namespace CpfPipeline.Data.Placeholders;

/// <summary>A content became a placeholder, or stopped being one.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="IsPlaceholder">Whether it is one now.</param>
/// <param name="ProductKeys">Number of certainly different products that show it.</param>
/// <param name="Who">The person who decided it. Null when the count or a blank picture did.</param>
public readonly record struct PlaceholderEvent(long ContentId, bool IsPlaceholder, int ProductKeys, string? Who);
