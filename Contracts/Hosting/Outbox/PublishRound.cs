using System.Net.Sockets;
using MassTransit;
using RabbitMQ.Client.Exceptions;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;

namespace CpfPipeline.Hosting.Outbox;

/// <summary>
/// Publishes messages together, and finds out of each what came of it: one that is refused must not hold up its neighbours.
/// </summary>
internal static class PublishRound
{
    /// <summary>What is said of a broker that is away.</summary>
    public const string Silence = "the broker does not answer";

    // Reply codes that close a channel and not the connection: too large, no right, no exchange, another type, a condition that failed.
    private static readonly ushort[] ChannelCodes = [311, 403, 404, 405, 406];

    /// <summary>Publishes all at once: one round trip to the broker for many messages.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="publish">Publishes one and waits for the broker's word.</param>
    /// <param name="patience">How long the broker may be silent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>An outcome for each message, in their order.</returns>
    public static async Task<PublishOutcome[]> TogetherAsync<T>(
        IReadOnlyCollection<T> messages, Func<T, CancellationToken, Task> publish, TimeSpan patience, TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        var token = both.Token;
        var outcomes = await Task.WhenAll(messages.Select(async message =>
        {
            try
            {
                await publish(message, token);
                return PublishOutcome.Confirmed;
            }
            catch (Exception e)
            {
                return Judge(e);
            }
        }));
        cancellationToken.ThrowIfCancellationRequested();
        return outcomes;
    }

    /// <summary>
    /// The same; then one by one those that failed with others and need not be to blame, as long as the patience lasts. A message to which
    /// the broker is silent while it answers to others counts as refused.
    /// </summary>
    public static async Task<PublishOutcome[]> ThenAloneAsync<T>(
        IReadOnlyList<T> messages, Func<T, CancellationToken, Task> publish, TimeSpan patience, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var outcomes = await TogetherAsync(messages, publish, patience, time, cancellationToken);
        if (IsAway(outcomes))
        {
            return outcomes;
        }

        var began = time.GetTimestamp();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var left = patience - time.GetElapsedTime(began);
            if (outcomes[i].Kind is PublishOutcomeKind.Suspected or PublishOutcomeKind.Unanswered && left > TimeSpan.Zero)
            {
                var alone = await TogetherAsync([messages[i]], publish, left, time, cancellationToken);
                outcomes[i] = alone[0].IsConfirmed ? alone[0] : alone[0] with { Kind = PublishOutcomeKind.Refused };
            }
        }

        return outcomes;
    }

    /// <summary>Whether the broker answered to none of the messages.</summary>
    public static bool IsAway(IReadOnlyCollection<PublishOutcome> outcomes) =>
        outcomes.Count > 0 && outcomes.All(o => o.Kind == PublishOutcomeKind.Unanswered);

    /// <summary>What an exception of a publish means.</summary>
    public static PublishOutcome Judge(Exception exception)
    {
        var causes = Causes(exception).ToArray();
        if (causes.OfType<PublishException>().FirstOrDefault() is { } refused)
        {
            return new(PublishOutcomeKind.Refused, refused.IsReturn ? "no queue takes it" : "the broker refused it, as a full queue does");
        }

        if (causes.OfType<OperationInterruptedException>().FirstOrDefault(e => ChannelCodes.Contains(e.ShutdownReason?.ReplyCode ?? 0)) is
            { ShutdownReason: { } closed })
        {
            return new(PublishOutcomeKind.Suspected, closed.ReplyText);
        }

        return Array.Exists(causes, e => e is OperationCanceledException or TimeoutException)
            ? new(PublishOutcomeKind.Unanswered, Silence)
            : new(Array.Exists(causes, IsOfConnection) ? PublishOutcomeKind.Unanswered : PublishOutcomeKind.Refused, exception.Message);
    }

    private static bool IsOfConnection(Exception e) =>
        e is OperationInterruptedException or ConnectionException or BrokerUnreachableException or IOException or SocketException
            or ObjectDisposedException;

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
