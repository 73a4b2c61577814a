namespace CpfPipeline.Data.Placeholders;

/// <summary>A content came to be a placeholder, or ceased to be one.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="IsPlaceholder">Whether it is one now.</param>
/// <param name="ProductKeys">Surely different products that show it.</param>
/// <param name="Who">Who said so; null when the count did, or the picture is blank.</param>
public readonly record struct PlaceholderEvent(long ContentId, bool IsPlaceholder, int ProductKeys, string? Who);
