using CpfPipeline.Contracts;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Trainer.Jobs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Trainer.Consumers;

/// <summary>
/// Takes orders by message. Each is answered by one <see cref="TrainingFinished"/> with its key: at the end of its run, at the end of the
/// run that was going on (but for activations), or at once when no run comes of it.
/// </summary>
internal sealed class BusOrders(RunDesk desk, TrainingRunStore runs, JobBoard board, TimeProvider time, ILogger<BusOrders> logger)
{
    /// <returns>What to answer now; null: the run's end is the answer.</returns>
    public async Task<TrainingFinished?> TakeAsync(TrainModel message, CancellationToken cancellationToken)
    {
        var kind = message.Kind ?? TrainingRunKind.Training;
        var isActivation = kind == TrainingRunKind.Activation;
        if (isActivation != message.ModelId.HasValue)
        {
            return NotBegun(isActivation ? "kind activation needs modelId" : $"kind {kind} takes no modelId");
        }

        // A redelivered order whose run is there is no late one.
        if (message.NotAfter is { } last && time.GetUtcNow() > last
            && await runs.FindByKeyAsync(message.IdempotencyKey, cancellationToken) is null)
        {
            return NotBegun($"the order arrived too late: it was to begin before {ShownTime.Of(last)}");
        }

        var order = new RunOrder(kind, message.TargetPrecision, message.ModelId) { By = Actor.OfBus(null) };
        while (true)
        {
            var asked = await desk.AskAsync(order, "bus", message.IdempotencyKey, cancellationToken);
            switch (asked)
            {
                case RunAsked.Started started:
                    Log.OrderTaken(logger, message.IdempotencyKey, "started");
                    board.Show(started.Run);
                    return null;
                case RunAsked.Known known:
                    Log.OrderTaken(logger, message.IdempotencyKey, known.Run.State);
                    return TrainingRunState.HasEnded(known.Run.State) ? RunMessages.Ended(known.Run, message.IdempotencyKey) : null;
                case RunAsked.GoingOn other when isActivation: // The other run's end is no answer to who wants this model.
                    return NotBegun($"another run is going on: {other.Run.RunId} ({other.Run.Kind})");
                case RunAsked.GoingOn other when await runs.AlsoAskedAsync(other.Run.RunId, message.IdempotencyKey, cancellationToken):
                    Log.OrderTaken(logger, message.IdempotencyKey, "another one is going on");
                    return null;
                case RunAsked.GoingOn:
                    continue; // It has ended since.
                case RunAsked.Invalid invalid:
                    return NotBegun(invalid.Detail);
                case RunAsked.UnknownModel unknown:
                    return NotBegun(unknown.Detail);
                case RunAsked.Impossible impossible:
                    return NotBegun(impossible.Detail);
                case RunAsked.KeyTaken taken:
                    return NotBegun($"the key was used for another order, run {taken.Run.RunId}");
                default:
                    throw new InvalidOperationException($"There is no answer to {asked}.");
            }
        }

        TrainingFinished NotBegun(string reason)
        {
            Log.OrderTaken(logger, message.IdempotencyKey, reason);
            return RunMessages.NotBegun(kind, message.IdempotencyKey, reason);
        }
    }
}
