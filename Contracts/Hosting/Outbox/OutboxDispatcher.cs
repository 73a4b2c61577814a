using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting.Bus;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Publishes outbox rows after their transaction committed, and deletes them once the broker has confirmed them.</summary>
/// <param name="bus">The bus.</param>
/// <param name="dataSource">The process's data source.</param>
/// <param name="logger">Log.</param>
public sealed class OutboxDispatcher(IBus bus, NpgsqlDataSource dataSource, ILogger<OutboxDispatcher> logger)
{
    // Commands go to their queue; everything else is an event and is published. By the exchange in front of the queue: given a "queue:"
    // MassTransit would declare the queue anew without its quorum type, which the broker refuses, and the send would never end.
    private static readonly Dictionary<string, Uri> CommandQueues = new(StringComparer.Ordinal)
    {
        [nameof(SubmitImage)] = new($"exchange:{Topology.SubmitImageQueue}"),
        [nameof(RetractImage)] = new($"exchange:{Topology.RetractImageQueue}"),
        [nameof(GiveVerdict)] = new($"exchange:{Topology.GiveVerdictQueue}"),
        [nameof(EmbedContents)] = new($"exchange:{Topology.EmbedContentsQueue}"),
    };

    private static readonly Dictionary<string, Type> MessageTypes = typeof(SubmitImage).Assembly.GetExportedTypes()
        .Where(type => type is { IsAbstract: false })
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>
    /// Publishes rows just committed. A failure is logged, not thrown: the change is safe, the sweeper of any service publishes the rows
    /// later. While the bus reconnects to a broker that is away a publish may wait; who must not wait gives a token that ends it.
    /// </summary>
    public async Task DispatchAsync(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return;
        }

        try
        {
            await PublishAsync(rows, cancellationToken);
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await OutboxStore.DeleteAsync(connection, [.. rows.Select(row => row.Seq)], cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.DispatchPostponed(logger, rows.Count, e.Message);
        }
    }

    /// <summary>Publishes rows that their writer left behind; returns how many.</summary>
    internal async Task<int> SweepAsync(TimeSpan olderThan, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var abandoned = await OutboxStore.LockAbandonedAsync(connection, olderThan, limit, cancellationToken);

        // Messages that only a newer service knows wait for its sweeper and must not hold up the rest.
        var rows = abandoned.Where(row => MessageTypes.ContainsKey(row.Type)).ToArray();
        if (rows.Length > 0)
        {
            await PublishAsync(rows, cancellationToken);
            await OutboxStore.DeleteAsync(connection, [.. rows.Select(row => row.Seq)], cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return rows.Length;
    }

    // Confirms are awaited together: one round trip to the broker for many messages.
    private async Task PublishAsync(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken)
    {
        foreach (var chunk in rows.Chunk(500))
        {
            await Task.WhenAll(chunk.Select(row => PublishAsync(row, cancellationToken)));
        }
    }

    private async Task PublishAsync(OutboxMessage row, CancellationToken cancellationToken)
    {
        if (!MessageTypes.TryGetValue(row.Type, out var type))
        {
            throw new InvalidOperationException($"Outbox row {row.Seq} holds the unknown message {row.Type}: a newer service wrote it; update this one.");
        }

        var message = JsonSerializer.Deserialize(row.Payload, type, OutboxStore.Json)
            ?? throw new InvalidOperationException($"Outbox row {row.Seq} is empty.");
        if (CommandQueues.TryGetValue(row.Type, out var queue))
        {
            var endpoint = await bus.GetSendEndpoint(queue);
            await endpoint.Send(message, type, cancellationToken);
        }
        else
        {
            await bus.Publish(message, type, cancellationToken);
        }
    }
}
