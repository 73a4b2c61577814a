using CpfPipeline.Contracts;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Outbox;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>
/// Finds what fell out of the flow. A message that failed too often waits in an error or dead-letter queue, and submitting the same
/// picture again changes nothing and so sends nothing: without this its content would stay without an embedding for ever.
/// </summary>
internal sealed class MissedContents(
    NpgsqlDataSource dataSource, IQueueLengths queues, OutboxDispatcher dispatcher, IOptions<EmbedderOptions> options, ILogger<MissedContents> logger)
{
    private const int Limit = 10_000;
    private const int ChunkSize = 200;

    /// <summary>Sends missed contents to the backfill queue, unless the queues still hold work that may well be theirs.</summary>
    /// <returns>How many were sent.</returns>
    public async Task<int> SendAsync(CancellationToken cancellationToken)
    {
        var lengths = await queues.ReadQueueLengthsAsync(cancellationToken);
        if (lengths.GetValueOrDefault(Topology.ContentStoredQueue) > 0 || lengths.GetValueOrDefault(Topology.EmbedContentsQueue) > 0)
        {
            return 0;
        }

        IReadOnlyList<OutboxMessage> outbox;
        IReadOnlyList<long> missed;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            missed = await LiveContentStore.ReadUnembeddedAsync(connection, options.Value.RepairEvery, Limit, cancellationToken);
            outbox = await OutboxStore.AppendAsync(
                connection, [.. missed.Chunk(ChunkSize).Select(chunk => new EmbedContents { ContentIds = chunk })], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        if (missed.Count > 0)
        {
            Log.MissedFound(logger, missed.Count);
            await dispatcher.DispatchAsync(outbox, cancellationToken);
        }

        return missed.Count;
    }
}
