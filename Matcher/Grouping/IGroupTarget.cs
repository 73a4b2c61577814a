using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>A model whose groups are updated: where it is read, how neighbours are searched, in which transaction is written.</summary>
internal interface IGroupTarget
{
    /// <summary>The model.</summary>
    ServingModel Model { get; }

    /// <summary>The present state of some contents.</summary>
    Task<List<ContentMembership>> ReadStatesAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken);

    /// <summary>The edges of some contents.</summary>
    /// <param name="contentIds">The contents.</param>
    /// <param name="anyArrives">Whether any of them is not a member yet, so that its edges to all members are needed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<SearchResult> SearchAsync(IReadOnlyCollection<long> contentIds, bool anyArrives, CancellationToken cancellationToken);

    /// <summary>Runs a group transaction. Null: what the request rests on has changed, nothing was done.</summary>
    Task<GroupOutcome?> TryApplyAsync(GroupRequest request, CancellationToken cancellationToken);
}
