namespace CpfPipeline.Embedder.Embedding;

/// <summary>What is stored of a content already, with respect to the backbones and heads that were asked about.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Sha256">Key of its bytes in the blob store, 32 bytes.</param>
/// <param name="State"><c>stored</c>, <c>undecodable</c> or <c>erased</c>.</param>
/// <param name="RejectReason">Reason code when undecodable.</param>
/// <param name="RejectDetail">For a person, when undecodable.</param>
/// <param name="BackboneIds">Backbones whose feature of it is stored.</param>
/// <param name="HeadIds">Heads whose embedding of it is stored.</param>
internal sealed record ContentWork(
    long ContentId, byte[] Sha256, string State, string? RejectReason, string? RejectDetail,
    IReadOnlyList<long> BackboneIds, IReadOnlyList<long> HeadIds);
