using CpfPipeline.Contracts;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>Requests activations. The Trainer runs them, because embeddings may be missing; it is asked by message.</summary>
internal sealed class ActivationDesk(NpgsqlDataSource dataSource, DispatchOutbox dispatch, TimeProvider time)
{
    // The Trainer may be down. An activation that starts by itself days later would surprise everybody.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Asks the Trainer to make a model the active one. Asking again with the same key asks for the same run.</summary>
    /// <returns>Until when it may begin.</returns>
    public async Task<DateTimeOffset> AskAsync(long modelId, Guid key, Actor by, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + Patience;
        IReadOnlyList<OutboxMessage> outbox;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            outbox = await OutboxStore.AppendAsync(
                connection,
                [
                    new TrainModel
                    {
                        IdempotencyKey = $"{key}", Kind = TrainingRunKind.Activation, ModelId = modelId, NotAfter = until,
                    },
                ],
                cancellationToken);
            await AuditStore.AppendAsync(connection, new AuditEntry(by, "model.activate", $"model {modelId}"), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await dispatch(outbox, cancellationToken);
        return until;
    }
}
