using System.Diagnostics;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Makes a shadow the active model in one transaction under the group lock: takes in the last few contents, changes the states, and
/// announces how the groups differ. A reader sees the old groups or the new ones. A writer of groups waits, finds that its model is not the
/// active one any more, and starts again.
/// </summary>
internal sealed class Activation(NpgsqlDataSource dataSource, CatchUp catchUp, DispatchOutbox dispatch, ILogger<Activation> logger)
{
    /// <summary>Tries it once.</summary>
    /// <param name="model">The shadow, which has just caught up.</param>
    /// <param name="maxContents">How many contents may be taken in while others wait.</param>
    /// <param name="pendingToo">Whether it may become active while members are pending, as they may be under any active model.</param>
    /// <param name="cancellationToken">Cancels. Then nothing is changed.</param>
    /// <returns>False when too much is left: catch up again. True when it is active or no longer requested.</returns>
    public async Task<bool> TryAsync(ServingModel model, int maxContents, bool pendingToo, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        IReadOnlyList<OutboxMessage> outbox;
        long previous;
        int groups;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            if (await ModelPreparationStore.LockActivationAsync(connection, model.ModelId, cancellationToken) is not { } active)
            {
                return true;
            }

            var rest = await ShadowRest.ReadDifferenceAsync(connection, active, model, cancellationToken);
            if (rest.Count > maxContents
                || (rest.Count > 0 && !await catchUp.TryApplyWithinAsync(connection, model, rest, cancellationToken))
                || (!pendingToo && await MembershipStore.HasPendingAsync(connection, model.ModelId, cancellationToken)))
            {
                return false;
            }

            previous = await ModelTransitions.ActivateAsync(connection, model.ModelId, cancellationToken);
            var told = await WholeGroupStore.AppendDifferenceAsync(connection, previous, model.ModelId, cancellationToken);
            IReadOnlyCollection<object> changed = told is var (first, last, groupIds)
                ? Announcement.Of(model.ModelId, groupIds, first, last)
                : [];
            outbox = await OutboxStore.AppendAsync(
                connection, [.. changed, new ModelActivated { ModelId = model.ModelId, HeadId = model.HeadId }], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            groups = told is null ? 0 : told.Value.GroupIds.Count;
        }

        Log.Activated(logger, model.ModelId, previous, groups, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        await dispatch(outbox, cancellationToken);
        return true;
    }
}
