using CpfPipeline.Data.Access;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Reconcile;
using Npgsql;

namespace CpfPipeline.Matcher.Placeholders;

/// <summary>
/// Takes people's decisions on placeholders, and the policy. When a call returns, the groups are up to date. If this process dies before
/// that, another one updates the groups: after a decision because of a message, after a change of the policy because of the repair at its
/// start.
/// </summary>
internal sealed class PlaceholderIntake(NpgsqlDataSource dataSource, GroupUpdater updater, Repair repair, DispatchOutbox dispatch)
{
    /// <summary>Sets or takes back a decision on one picture.</summary>
    /// <returns>What was wrong, and whether the picture does not exist. Null when it is done.</returns>
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
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            bool? isPlaceholder = request.Word switch { "mark" => true, "keep" => false, _ => null };
            if (await PlaceholderTransaction.WriteAsync(
                connection, [new PlaceholderWord(contentId, isPlaceholder, request.Who!, request.Note)], cancellationToken)
                is not { } released)
            {
                return ($"There is no stored picture for {request.Picture}.", true);
            }

            await AuditStore.AppendAsync(
                connection, new Speaker(request.Who!, request.By), "placeholder", $"content {contentId} {request.Word}", AuditOutcome.Done,
                cancellationToken);
            var outbox = await OutboxStore.AppendAsync(connection, [released], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            await dispatch(outbox, cancellationToken);
        }

        await updater.RefreshAsync([contentId], cancellationToken);
        return null;
    }

    /// <summary>Sets the policy, and adds and removes the contents it concerns.</summary>
    /// <returns>What was wrong, or null.</returns>
    public async Task<string?> SetPolicyAsync(PlaceholderPolicy policy, CancellationToken cancellationToken)
    {
        if (policy.MinProductKeys < 2)
        {
            return $"min_product_keys must be 2 or more, not {policy.MinProductKeys}.";
        }

        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            // Under the lock, so that every transaction that decided by the old policy is committed before the repair looks.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            await PlaceholderStore.SetPolicyAsync(connection, policy.MinProductKeys, cancellationToken);
            if (policy.By is { } actor)
            {
                await AuditStore.AppendAsync(
                    connection, new AuditEntry(actor, "placeholder.policy", $"min_product_keys {policy.MinProductKeys}"),
                    cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await repair.RunAsync(expected: true, cancellationToken);
        return null;
    }
}
