using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>Requests activations. The Trainer runs them, because embeddings may be missing; it is asked by message.</summary>
internal sealed class ActivationDesk(NpgsqlDataSource dataSource, DispatchOutbox dispatch)
{
    /// <summary>Asks the Trainer to make a model the active one. Asking again with the same key asks for the same run.</summary>
    public async Task AskAsync(long modelId, Guid key, CancellationToken cancellationToken)
    {
        IReadOnlyList<OutboxMessage> outbox;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            outbox = await OutboxStore.AppendAsync(
                connection, [new TrainModel { IdempotencyKey = $"{key}", Kind = TrainingRunKind.Activation, ModelId = modelId }],
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await dispatch(outbox, cancellationToken);
    }
}
