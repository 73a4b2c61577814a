using CpfPipeline.Contracts;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Reconcile;
using Npgsql;

namespace CpfPipeline.Matcher.Placeholders;

/// <summary>
/// Takes people's words on placeholders and the policy; the groups have followed when it returns. Should this process die in between, a message brings a word's
/// consequences, and the repair that every Matcher runs at its start those of the policy.
/// </summary>
internal sealed class PlaceholderGuard(NpgsqlDataSource dataSource, GroupUpdater updater, Repair repair, DispatchOutbox dispatch)
{
    /// <summary>Sets or takes back a word on one picture.</summary>
    /// <returns>What was wrong, and whether it was the name of a picture that is not there; null when it is done.</returns>
    public async Task<(string Problem, bool Unknown)?> OverrideAsync(PlaceholderRequest request, CancellationToken cancellationToken)
    {
        if ((request.Word is not ("mark" or "keep" or "auto")
                ? $"The word must be mark, keep or auto, not '{request.Word}'."
                : PictureName.Problem(request.Picture, "The picture") ?? Reviewer.Problem(request.Who, request.Note)) is { } problem)
        {
            return (problem, false);
        }

        long contentId;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            (contentId, var unknown) = await request.Picture!.ResolveAsync(connection, mustBeLive: true, cancellationToken);
            if (unknown is not null)
            {
                return (unknown, true);
            }

            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if ((await VerdictStore.LockStoredAsync(connection, [contentId], cancellationToken)).Count == 0)
            {
                return ($"There is no stored picture for {request.Picture}.", true);
            }

            await PlaceholderStore.OverrideAsync(connection, contentId, request.Word switch { "mark" => true, "keep" => false, _ => null }, request.Who!, request.Note, cancellationToken);
            // Who goes away now leaves the rest to whoever receives this.
            var outbox = await OutboxStore.AppendAsync(connection, [new ContentReleased { ContentIds = [contentId] }], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            await dispatch(outbox, cancellationToken);
        }

        await updater.RefreshAsync([contentId], cancellationToken);
        return null;
    }

    /// <summary>Sets the policy and lets in and out whom it concerns.</summary>
    /// <returns>What was wrong, or null.</returns>
    public async Task<string?> SetPolicyAsync(PlaceholderPolicy policy, CancellationToken cancellationToken)
    {
        if (policy.MinProductKeys < 2)
        {
            return $"min_product_keys must be 2 or more, not {policy.MinProductKeys}.";
        }

        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            // Who decides by the old policy has written what follows from it before the repair looks.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            await PlaceholderStore.SetPolicyAsync(connection, policy.MinProductKeys, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await repair.RunAsync(expected: true, cancellationToken);
        return null;
    }
}
