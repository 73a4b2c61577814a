namespace CpfPipeline.Embedder.Renditions;

/// <summary>A rendition that somebody waits for.</summary>
/// <param name="ContentId">Of which content.</param>
/// <param name="Rendition">See <see cref="Vocabulary.Rendition"/>.</param>
internal readonly record struct WantedRendition(long ContentId, string Rendition);
