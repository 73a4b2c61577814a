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
        var why = "";
        try
        {
            foreach (var chunk in rows.Chunk(MessagesPerRoundTrip))
            {
                var outcomes = await PublishRound.TogetherAsync(
                    [.. chunk.Select(ReadKnown)], PublishAsync, Patience, time, cancellationToken);
                var confirmed = chunk.Where((_, i) => outcomes[i].IsConfirmed).Select(row => row.Seq).ToArray();
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await OutboxStore.DeleteAsync(connection, confirmed, cancellationToken);
                left -= confirmed.Length;
                why = outcomes.FirstOrDefault(o => !o.IsConfirmed).Reason ?? why;
                if (PublishRound.IsAway(outcomes))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            why = e.Message;
        }

        if (left > 0)
        {
            Log.DispatchPostponed(logger, left, why);
        }
    }

    /// <summary>
    /// Publishes a page of the rows that writers left behind, in the order of writing. What the broker refuses is put off, longer each
    /// time, and holds up nothing else.
    /// </summary>
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

        var outcomes = new List<PublishOutcome>();
        var isAway = false;
        foreach (var chunk in readable.Chunk(MessagesPerRoundTrip))
        {
            var round = await PublishRound.ThenAloneAsync(chunk, PublishAsync, Patience, time, cancellationToken);
            outcomes.AddRange(round);
            isAway = PublishRound.IsAway(round);
            if (isAway)
            {
                Log.DispatchPostponed(logger, readable.Count - outcomes.Count(o => o.IsConfirmed), round[0].Reason);
                break;
            }
        }

        var confirmed = Which(PublishOutcomeKind.Confirmed);
        var refused = Which(PublishOutcomeKind.Refused);
        await OutboxStore.DeleteAsync(connection, [.. confirmed.Select(i => readable[i].Row.Seq)], cancellationToken);
        await OutboxStore.PutOffAsync(connection, [.. refused.Select(i => readable[i].Row.Seq)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SweptPage(
            confirmed.Length, [.. unreadable.Select(row => row.Type)], [.. refused.Select(i => (readable[i].Row.Type, outcomes[i].Reason))],
            isAway || rows.Count < limit ? null : rows[^1].Seq);

        int[] Which(PublishOutcomeKind kind) => [.. Enumerable.Range(0, outcomes.Count).Where(i => outcomes[i].Kind == kind)];
    }

    /// <summary>Counts the rows that the broker has refused, by type.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> CountRefusedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await OutboxStore.CountRefusedAsync(connection, cancellationToken);
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

    private async Task PublishAsync(KnownMessage known, CancellationToken cancellationToken)
    {
        var traces = OutboxTrace.Parse(known.Row.Trace);
        using var span = OutboxSpan.Start(known.Row.Type, traces);
        using var signal = new RefusalSignal(cancellationToken);
        if (CommandQueues.TryGetValue(known.Row.Type, out var queue))
        {
            var endpoint = await bus.GetSendEndpoint(queue);
            await signal.PublishAsync(token => endpoint.Send(known.Message, known.Type, Pipe.Execute<SendContext>(Prepare), token));
        }
        else
        {
            await signal.PublishAsync(token => bus.Publish(known.Message, known.Type, Pipe.Execute<PublishContext>(Prepare), token));
        }

        void Prepare(SendContext context)
        {
            TraceHeaders.Write(context.Headers, traces);
            context.GetOrAddPayload(() => signal);
        }
    }

    private sealed record KnownMessage(OutboxMessage Row, Type Type, object Message);
}
