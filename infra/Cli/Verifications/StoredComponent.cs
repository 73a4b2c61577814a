using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Cli.Verifications;

/// <summary>A component as the database has it.</summary>
/// <param name="ComponentId">Its id.</param>
/// <param name="Contents">Its members' embeddings.</param>
/// <param name="Groups">Its members' groups.</param>
/// <param name="IsPending">Whether it waits to be regrouped.</param>
internal sealed record StoredComponent(
    long ComponentId, EmbeddingMatrix Contents, IReadOnlyDictionary<long, long> Groups, bool IsPending);
