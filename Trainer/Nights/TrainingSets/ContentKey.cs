namespace CpfPipeline.Nights.TrainingSets;

/// <summary>A product key that a live image of a content carries.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Source">The source whose own key it is; null: the key is global.</param>
/// <param name="Key">The key.</param>
public readonly record struct ContentKey(long ContentId, string? Source, string Key);
