using CpfPipeline.Data.Access;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>Takes orders for runs from HTTP, the bus and the schedule. Stores them and wakes the loop that drives runs.</summary>
public sealed class RunDesk(TrainingRunStore runs, ModelStore models, ModelListStore list, RunSignal signal, ILogger<RunDesk> logger)
{
    /// <summary>Why nothing can be handed over from.</summary>
    public const string NoModelYet =
        "No model is active yet: the Trainer makes the first one at its start; GET /health says how far that is.";

    /// <param name="order">What is asked for.</param>
    /// <param name="trigger">Who asks: schedule, http, bus, cli or start (for the configured backbone).</param>
    /// <param name="idempotencyKey">Asking again with the same key gives the same run; null: each request is a new run.</param>
    /// <param name="cancellationToken">Cancels; nothing is added then.</param>
    public async Task<RunAsked> AskAsync(RunOrder order, string trigger, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (order.Problem(idempotencyKey) is { } problem)
        {
            return new RunAsked.Invalid(problem);
        }

        // This comes first: asking again with the same key must give the same run, even when a second run would be refused now.
        if (idempotencyKey is not null && await runs.FindByKeyAsync(idempotencyKey, cancellationToken) is { } same)
        {
            return Known(order, idempotencyKey, same);
        }

        var active = await models.GetActiveAsync(cancellationToken);
        if (active is null)
        {
            return new RunAsked.Impossible(NoModelYet);
        }

        long? modelId = null;
        if (order.Kind == TrainingRunKind.Activation)
        {
            var model = (order.ModelId ?? await models.FindPreviousAsync(cancellationToken)) is { } id
                ? await list.FindAsync(id, cancellationToken) : null;
            if (model is null)
            {
                return order.ModelId is null
                    ? new RunAsked.Impossible("There is no model to go back to: none was active before this one.")
                    : new RunAsked.UnknownModel($"There is no model {order.ModelId}; GET /models lists them.");
            }

            if (model.ModelId == active.ModelId)
            {
                return new RunAsked.Impossible($"Model {model.ModelId} is the active one already.");
            }

            modelId = model.ModelId;
        }

        var runId = Guid.NewGuid();
        var added = await runs.AddAsync(
            new NewTrainingRun(runId, order.Kind, trigger, idempotencyKey, order.ToJson(), modelId)
            {
                Audit = order.AuditOf(runId, modelId),
            },
            cancellationToken);
        switch (added.How)
        {
            case TrainingRunAdded.Case.Added:
                Log.RunAdded(logger, added.Run.RunId, order.Kind, trigger);
                signal.Set();
                return new RunAsked.Started(added.Run);
            case TrainingRunAdded.Case.SameKey:
                return Known(order, idempotencyKey, added.Run);
            default:
                return new RunAsked.GoingOn(added.Run);
        }
    }

    /// <summary>Asks for a run's end.</summary>
    /// <returns>The run, and whether it was going on; null when there is none.</returns>
    public async Task<(TrainingRun Run, bool WasGoingOn)?> CancelAsync(Guid runId, Actor? by, CancellationToken cancellationToken)
    {
        var requested = await runs.RequestCancelAsync(runId, by, cancellationToken);
        signal.Set();
        return await runs.FindAsync(runId, cancellationToken) is { } run ? (run, requested) : null;
    }

    private static RunAsked Known(RunOrder order, string? idempotencyKey, TrainingRun run) =>
        run.IdempotencyKey == idempotencyKey && !order.IsOf(run) ? new RunAsked.KeyTaken(run) : new RunAsked.Known(run);
}
