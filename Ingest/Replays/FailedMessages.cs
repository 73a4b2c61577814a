using CpfPipeline.Hosting.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CpfPipeline.Ingest.Replays;

/// <summary>
/// Looks through the broker's queues of failed messages on a connection of its own, whose end gives back what was in hand.
/// </summary>
internal sealed class FailedMessages(BrokerAddress address)
{
    /// <summary>
    /// Puts the chosen ones back into the queues that they came from, in their order. The others stay where they are, in their order.
    /// Nothing is lost when this process dies meanwhile, but a message may be in both queues then. Consumers tolerate that.
    /// </summary>
    /// <param name="filter">Which.</param>
    /// <param name="isDryRun">
    /// Puts nothing back. To look at a queue takes every message out of it, too, and lays it behind the others.
    /// </param>
    /// <param name="report">Is told every few hundred messages.</param>
    /// <param name="cancellationToken">Ends it after what is in hand; the rest stays.</param>
    public async Task<ReplaySummary> ReplayAsync(
        ReplayFilter filter, bool isDryRun, Func<ReplayProgress, Task> report, CancellationToken cancellationToken)
    {
        await using var connection = await address.Factory("cpf replay").CreateConnectionAsync(cancellationToken);
        var queues = new List<(string Queue, uint Ready)>();
        foreach (var queue in QueuesOf(filter))
        {
            if (await ReadLengthAsync(connection, queue, cancellationToken) is > 0 and var ready)
            {
                queues.Add((queue, ready));
            }
        }

        var tally = new ReplayTally(filter.Limit);
        var total = queues.Sum(q => q.Ready);
        foreach (var (queue, ready) in queues.TakeWhile(_ => !tally.IsFull))
        {
            await using var pass = await QueuePass.BeginAsync(connection, queue, filter, isDryRun, tally, cancellationToken);
            await pass.RunAsync(
                ready, () => report(new ReplayProgress(tally.LookedAt, total, tally.PutBack)), cancellationToken);
        }

        return tally.Sum();
    }

    /// <summary>The queues that may hold what is meant, dead letters last.</summary>
    private static IEnumerable<string> QueuesOf(ReplayFilter filter) => Topology.Bindings
        .SelectMany(b => new[] { b.Queue + FailedMessageReader.ErrorSuffix, b.Queue + FailedMessageReader.SkippedSuffix }
            .Where(q => filter.Queue is null || filter.Queue == b.Queue || filter.Queue == q))
        .Concat(filter.Queue is null || filter.Queue == Topology.DeadLetterQueue || Topology.Bindings.Any(b => b.Queue == filter.Queue)
            ? [Topology.DeadLetterQueue] : []);

    private static async Task<uint?> ReadLengthAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await channel.MessageCountAsync(queue, cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return null; // Such a queue comes with its first message.
        }
    }
}
