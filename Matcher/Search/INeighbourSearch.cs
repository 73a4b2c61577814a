using CpfPipeline.Data.Models;

namespace CpfPipeline.Matcher.Search;

/// <summary>Finds the edges of contents to a model's members.</summary>
internal interface INeighbourSearch
{
    /// <summary>Edges of the given contents among themselves and to members; what an index misses is found by the next reconcile.</summary>
    Task<SearchResult> SearchAsync(ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken);
}
