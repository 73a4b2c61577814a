using CpfPipeline.Data.Models;

namespace CpfPipeline.Matcher.Search;

/// <summary>Finds the edges of contents to a model's members.</summary>
internal interface INeighbourSearch
{
    /// <summary>
    /// Edges of the given contents among themselves and to members. The next reconcile finds the edges that an index misses.
    /// </summary>
    Task<SearchResult> SearchAsync(ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken);
}
