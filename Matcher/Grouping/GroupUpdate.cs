using CpfPipeline.Matcher.Search;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>
/// The steps that bring a model's groups in line with the state of some contents: read states, let contents out, search, let contents in.
/// </summary>
internal static class GroupUpdate
{
    /// <summary>Tries once.</summary>
    /// <param name="target">The model.</param>
    /// <param name="contentIds">Contents whose membership is to follow from their state.</param>
    /// <param name="recompute">Whether to compute their components afresh as well: their verdicts changed.</param>
    /// <param name="staleSeqs">Marks of changed verdicts that are done with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What the last transaction did. Null: something changed in between, try again.</returns>
    /// <remarks>
    /// The states read here are a guess: under the lock they are read again. Departures have a transaction of their own when there is
    /// something to search for. A search that finds a departing content is worthless in the transaction in which that content leaves.
    /// </remarks>
    public static async Task<GroupOutcome?> TryRunAsync(
        IGroupTarget target, IReadOnlyCollection<long> contentIds, bool recompute, IReadOnlyCollection<long> staleSeqs,
        CancellationToken cancellationToken)
    {
        var states = await target.ReadStatesAsync(contentIds, cancellationToken);
        var nothing = SearchResult.Nothing(target.Model.EmbeddingDim);
        var sought = states.Where(s => s.Arrives || (recompute && s.Live)).Select(s => s.ContentId).ToArray();
        var leaving = states.Where(s => s.Leaves).Select(s => s.ContentId).ToArray();
        if (sought.Length > 0 && leaving.Length > 0
            && await target.TryApplyAsync(new GroupRequest { ContentIds = leaving, Search = nothing }, cancellationToken) is null)
        {
            return null;
        }

        var search = sought.Length == 0
            ? nothing
            : await target.SearchAsync(sought, states.Exists(s => s.Arrives), cancellationToken);
        return await target.TryApplyAsync(
            new GroupRequest { ContentIds = contentIds, Search = search, Recompute = recompute, StaleSeqs = staleSeqs }, cancellationToken);
    }
}
