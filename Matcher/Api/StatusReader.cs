using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Api;

/// <summary>Reads how far matching is; shows pending contents in <c>/health</c>.</summary>
internal sealed class StatusReader(NpgsqlDataSource dataSource, ModelStore models) : IHealthDetail
{
    public string Name => "pending";

    public async Task<MatcherStatus> ReadAsync(CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return new MatcherStatus(0, 0, 0, null, null, null);
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (unreconciled, pending) = await MembershipStore.CountUnfinishedAsync(
            connection, model.ModelId, int.MaxValue, cancellationToken);
        return new MatcherStatus(
            pending, unreconciled,
            await MembershipStore.CountUnmatchedAsync(connection, model.HeadId, model.ModelId, cancellationToken),
            new ActiveModel(model.ModelId, model.HeadId, model.Threshold),
            await ReconcileStore.ReadLastAsync(connection, model.ModelId, cancellationToken),
            ShadowStatus.Of(await ModelPreparationStore.FindShadowAsync(connection, cancellationToken)));
    }

    public async ValueTask<object?> GetAsync(CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await MembershipStore.CountUnfinishedAsync(connection, model.ModelId, 1, cancellationToken)).Pending;
    }
}
