using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Telemetry.Traces;
using MassTransit;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>Publishes outbox rows after their transaction committed, and deletes them once the broker has confirmed them.</summary>
/// <param name="bus">The bus.</param>
/// <param name="dataSource">The process's data source.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
public sealed class OutboxDispatcher(IBus bus, NpgsqlDataSource dataSource, TimeProvider time, ILogger<OutboxDispatcher> logger)
{
    // Confirms are awaited together: one round trip to the broker for many messages.
    private const int MessagesPerRoundTrip = 500;

    // A publish waits while the bus reconnects to the broker. A caller that has committed must not wait that long,
    // and neither must an open transaction.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string Silence = "the broker does not answer";

    // Commands go to their queue, by the exchange in front of it. Everything else is an event and is published. Given a "queue:" address,
    // MassTransit would declare the queue again without its quorum type. The broker refuses that, and the send would never end.
    private static readonly Dictionary<string, Uri> CommandQueues = new(StringComparer.Ordinal)
    {
        [nameof(SubmitImage)] = new($"exchange:{Topology.SubmitImageQueue}"),
        [nameof(RetractImage)] = new($"exchange:{Topology.RetractImageQueue}"),
        [nameof(GiveVerdict)] = new($"exchange:{Topology.GiveVerdictQueue}"),
        [nameof(JoinTile)] = new($"exchange:{Topology.JoinTileQueue}"),
        [nameof(EmbedContents)] = new($"exchange:{Topology.EmbedContentsQueue}"),
        [nameof(TrainModel)] = new($"exchange:{Topology.TrainModelQueue}"),
    };

    private static readonly Dictionary<string, Type> MessageTypes = typeof(SubmitImage).Assembly.GetExportedTypes()
        .Where(type => type is { IsAbstract: false })
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>
    /// Publishes rows just committed; see <see cref="DispatchOutbox"/>. A failure is logged, not thrown: the change is safe. The broker
    /// may be silent for ten seconds.
    /// </summary>
    public async Task DispatchAsync(IReadOnlyList<OutboxMessage> rows, CancellationToken cancellationToken)
    {
        var left = rows.Count;
        using var silence = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            foreach (var chunk in rows.Chunk(MessagesPerRoundTrip))
            {
                silence.CancelAfter(Patience);
                await PublishAsync([.. chunk.Select(ReadKnown)], both.Token);
                await using var connection = await dataSource.OpenConnectionAsync(both.Token);
                await OutboxStore.DeleteAsync(connection, [.. chunk.Select(row => row.Seq)], both.Token);
                left -= chunk.Length;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.DispatchPostponed(logger, left, silence.IsCancellationRequested ? Silence : e.Message);
        }
    }

    /// <summary>Publishes a page of the rows that writers left behind, in the order of writing.</summary>
    /// <param name="olderThan">Skips newer rows, which their writer may be about to publish.</param>
    /// <param name="afterSeq">Where the page before ended; 0 for the first.</param>
    /// <param name="limit">Length of a page.</param>
    /// <param name="cancellationToken">Cancels; what was published is published again.</param>
    /// <returns>The page; an empty last one when the broker is silent for ten seconds.</returns>
    internal async Task<SweptPage> SweepAsync(TimeSpan olderThan, long afterSeq, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var rows = await OutboxStore.LockAbandonedAsync(connection, MessageTypes.Keys, olderThan, afterSeq, limit, cancellationToken);
        var readable = new List<KnownMessage>();
        var unreadable = new List<OutboxMessage>();
        foreach (var row in rows)
        {
            try
            {
                readable.Add(ReadKnown(row));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                unreadable.Add(row);
            }
        }

        using var silence = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            foreach (var chunk in readable.Chunk(MessagesPerRoundTrip))
            {
                silence.CancelAfter(Patience);
                await PublishAsync(chunk, both.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log.DispatchPostponed(logger, readable.Count, Silence);
            return new SweptPage(0, [], null);
        }

        await OutboxStore.DeleteAsync(connection, [.. readable.Select(m => m.Row.Seq)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SweptPage(readable.Count, [.. unreadable.Select(row => row.Type)], rows.Count < limit ? null : rows[^1].Seq);
    }

    /// <summary>Counts the rows whose type only a newer service knows, by type. They wait for its sweeper.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> CountUnknownAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await OutboxStore.CountOthersAsync(connection, MessageTypes.Keys, olderThan, cancellationToken);
    }

    private static KnownMessage ReadKnown(OutboxMessage row)
    {
        if (!MessageTypes.TryGetValue(row.Type, out var type))
        {
            throw new InvalidOperationException(
                $"Outbox row {row.Seq} holds the unknown message {row.Type}: a newer service wrote it; update this one.");
        }

        var message = JsonSerializer.Deserialize(row.Payload, type, OutboxStore.Json)
            ?? throw new InvalidOperationException($"Outbox row {row.Seq} is empty.");
        return new KnownMessage(row, type, message);
    }

    private Task PublishAsync(IReadOnlyCollection<KnownMessage> messages, CancellationToken cancellationToken) =>
        Task.WhenAll(messages.Select(async known =>
        {
            var traces = OutboxTrace.Parse(known.Row.Trace);
            using var span = OutboxSpan.Start(known.Row.Type, traces);
            if (CommandQueues.TryGetValue(known.Row.Type, out var queue))
            {
                var endpoint = await bus.GetSendEndpoint(queue);
                var headers = Pipe.Execute<SendContext>(context => TraceHeaders.Write(context.Headers, traces));
                await endpoint.Send(known.Message, known.Type, headers, cancellationToken);
            }
            else
            {
                var headers = Pipe.Execute<PublishContext>(context => TraceHeaders.Write(context.Headers, traces));
                await bus.Publish(known.Message, known.Type, headers, cancellationToken);
            }
        }));

    private sealed record KnownMessage(OutboxMessage Row, Type Type, object Message);
}
