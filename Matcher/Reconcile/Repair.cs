using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Grouping;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Reconcile;

/// <summary>
/// Compares the members of the active model with what is live, and refreshes the difference: arrivals and departures whose message was lost, and everything
/// after another model became active.
/// </summary>
internal sealed class Repair(NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, IOptions<MatcherOptions> options, ILogger<Repair> logger)
{
    /// <summary>Runs; safe at any time, by any number at once.</summary>
    /// <param name="expected">Whether arrivals are expected (another model), not lost.</param>
    /// <param name="cancellationToken">Stops after the present chunk.</param>
    public async Task RunAsync(bool expected, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return;
        }

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

        // Departures first: what is gone needs no comparing. Each chunk is joined with the members so far, so that a rebuild costs half a square.
        foreach (var chunk in departures.Concat(arrivals).Chunk(options.Value.ChunkContents))
        {
            await updater.RefreshAsync(chunk, cancellationToken);
        }
    }
}
