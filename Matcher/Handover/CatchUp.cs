using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Giants;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Brings the groups of a shadow that has some in line with what is live: what came, what went, where verdicts changed.</summary>
internal sealed class CatchUp(NpgsqlDataSource dataSource, ModelStore models, GiantRegrouper giants, IOptions<MatcherOptions> options)
{
    // Of the shadow's loop.
    private readonly GiantTurn _turn = new();

    /// <summary>Works until the last look finds nothing to do, pending components included.</summary>
    /// <returns>Contents looked at; null: the model is not the shadow any more.</returns>
    public async Task<long?> RunAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var looked = 0L;
        while (await IsShadowAsync(model, cancellationToken))
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            var rest = await ShadowRest.ReadAsync(connection, model, cancellationToken);
            looked += rest.Count;
            foreach (var part in rest.Chunk(options.Value.ChunkContents))
            {
                if (!await ApplyAsync(connection, model, part, cancellationToken))
                {
                    return null;
                }
            }

            var regrouped = await giants.RegroupAsync(model, _turn, _ => Task.CompletedTask, HandoverThreads.Max, cancellationToken);
            if (rest.Count == 0 && !regrouped)
            {
                return looked;
            }
        }

        return null;
    }

    /// <summary>Takes in a rest within the caller's transaction, which holds the group lock.</summary>
    /// <returns>false: it could not be taken in; roll back.</returns>
    public Task<bool> TryApplyWithinAsync(
        NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken) =>
        TryApplyAsync(new ShadowTarget(connection, model, options.Value, inTransaction: true), rest, cancellationToken);

    private async Task<bool> ApplyAsync(
        NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken)
    {
        var target = new ShadowTarget(connection, model, options.Value, inTransaction: false);
        while (!await TryApplyAsync(target, rest, cancellationToken))
        {
            if (!await IsShadowAsync(model, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    // Marks made since they were read stay for the next look.
    private static async Task<bool> TryApplyAsync(ShadowTarget target, ShadowRest rest, CancellationToken cancellationToken) =>
        await GroupUpdate.TryRunAsync(
            target, rest.ContentIds, recompute: rest.Stale.Count > 0, [.. rest.Stale.Select(s => s.Seq)], cancellationToken) is not null;

    private async Task<bool> IsShadowAsync(ServingModel model, CancellationToken cancellationToken) =>
        (await models.GetServingAsync(cancellationToken)).Any(m => m.ModelId == model.ModelId && m.State == ModelState.Shadow);
}
