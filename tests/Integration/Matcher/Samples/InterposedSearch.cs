using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Search;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>Runs an action between a search and the update that uses it. It may also lose results, as an index does.</summary>
internal sealed class InterposedSearch(INeighbourSearch inner, Func<Task>? after = null, bool missesEverything = false) : INeighbourSearch
{
    public async Task<SearchResult> SearchAsync(
        ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var result = await inner.SearchAsync(model, contentIds, cancellationToken);
        if (after is not null)
        {
            await after();
        }

        return !missesEverything
            ? result
            : new SearchResult { AsOfSeq = result.AsOfSeq, Searched = result.Searched, Edges = new EdgeForest(),
                Verdicts = result.Verdicts };
    }
}
