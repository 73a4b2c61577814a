namespace CpfPipeline.Ingest.Images;

/// <summary>What a batch of applied changes means to other services. The messages are written in the same transaction.</summary>
/// <param name="StoredContents">
/// Contents that an image now refers to, or will refer to once they are decoded, or whose image's product key changed. Ascending, each
/// once.
/// </param>
/// <param name="ReleasedContents">Contents that lost an image; ascending, each once.</param>
/// <param name="Rejections">Rejections that were applied, and those of erased images, which leave no row.</param>
internal sealed record BatchEffects(
    IReadOnlyCollection<long> StoredContents, IReadOnlyCollection<long> ReleasedContents, IReadOnlyList<ImageChange> Rejections);
