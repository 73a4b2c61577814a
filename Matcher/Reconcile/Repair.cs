using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>
/// Compares the members of the active model with the live contents and updates the groups by the difference: arrivals and departures whose
/// message was lost, or everything after another model became active.
/// </summary>
internal sealed class Repair(
    NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, IOptions<MatcherOptions> options, ILogger<Repair> logger)
{
    /// <summary>Runs it. Any number of processes may do so at any time.</summary>
    /// <param name="expected">Whether arrivals are expected because another model became active. Otherwise they count as lost.</param>
    /// <param name="cancellationToken">Stops after the present chunk.</param>
    public async Task RunAsync(bool expected, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return;
        }

        await RepairSourcePlaceholdersAsync(cancellationToken);
        List<long> arrivals, departures;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            arrivals = await MembershipStore.ReadUnmatchedAsync(connection, model.HeadId, model.ModelId, cancellationToken);
            departures = await MembershipStore.ReadGoneAsync(connection, model.HeadId, model.ModelId, cancellationToken);
        }

        if (expected)
        {
            Log.Rebuilding(logger, model.ModelId, arrivals.Count);
        }
        else if (arrivals.Count + departures.Count > 0)
        {
            Log.Repaired(logger, arrivals.Count, departures.Count);
        }

        // Departures come first, so that nothing is compared with them. Each chunk of arrivals is joined with the members so far: half of
        // all pairs in total.
        foreach (var chunk in departures.Concat(arrivals).Chunk(options.Value.ChunkContents))
        {
            await updater.RefreshAsync(chunk, cancellationToken);
        }
    }

    private async Task RepairSourcePlaceholdersAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var differing = await SourcePlaceholderStore.ReadDifferingAsync(connection, cancellationToken);
        foreach (var chunk in differing.Chunk(options.Value.ChunkContents))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            await SourcePlaceholderStore.RecordAsync(connection, chunk, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }
}
