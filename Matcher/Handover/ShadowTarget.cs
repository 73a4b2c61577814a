using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// The shadow. It is searched exactly and without the gallery, which serves the active model; everything happens on one connection.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="model">The shadow.</param>
/// <param name="options">The Matcher's options.</param>
/// <param name="inTransaction">Whether the caller has a transaction, to which everything belongs. Otherwise each group transaction is
/// committed here.</param>
internal sealed class ShadowTarget(NpgsqlConnection connection, ServingModel model, MatcherOptions options, bool inTransaction)
    : IGroupTarget
{
    public ServingModel Model => model;

    public Task<List<ContentMembership>> ReadStatesAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        MembershipStore.ReadStatesAsync(connection, model.HeadId, model.ModelId, contentIds, cancellationToken);

    // The two ends of a changed verdict may come in different chunks, so that comparing a chunk's members with each other would not be
    // enough.
    public Task<SearchResult> SearchAsync(IReadOnlyCollection<long> contentIds, bool anyArrives, CancellationToken cancellationToken) =>
        StreamedSearch.RunAsync(connection, model, contentIds, options, HandoverThreads.Max, cancellationToken);

    public async Task<GroupOutcome?> TryApplyAsync(GroupRequest request, CancellationToken cancellationToken)
    {
        if (inTransaction)
        {
            return await GroupTransaction.TryApplyAsync(connection, model, request, options, cancellationToken);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var outcome = await GroupTransaction.TryApplyAsync(connection, model, request, options, cancellationToken);
        if (outcome is not null)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return outcome;
    }
}
