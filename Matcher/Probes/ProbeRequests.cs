using System.Threading.RateLimiting;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Probes;
using CpfPipeline.Hosting.Background;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Probes;

/// <summary>
/// Asks for the embedding of a picture that does not become part of the catalogue, and waits for it. Ingest fetches and checks it, the
/// Embedder embeds it. Its bytes and the answer lie in the store of the probes for as long as that takes.
/// </summary>
internal sealed class ProbeRequests(
    IProbeStore probes, IBus bus, IOptions<MatcherOptions> options, TimeProvider time, ILogger<ProbeRequests> logger)
    : IDisposable
{
    private readonly TimeSpan _maxWait = options.Value.MaxProbeWait;
    private readonly ConcurrencyLimiter _places = new(new() { PermitLimit = options.Value.MaxProbesAtOnce, QueueLimit = 0 });

    /// <summary>Takes one of the places for pictures that are compared at once; nobody queues for one.</summary>
    public RateLimitLease TakePlace() => _places.AttemptAcquire();

    /// <summary>Asks about a probe that was begun, and waits.</summary>
    /// <param name="probeId">The probe.</param>
    /// <param name="uri">
    /// Its address: http or https, anything else is refused as in a submission; null when its bytes were received.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProbeReply> AskAsync(Guid probeId, string? uri, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_maxWait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var isSent = false;
        try
        {
            await bus.Publish(
                new CheckProbe { ProbeId = probeId, Uri = uri }, context => context.TimeToLive = _maxWait, both.Token);
            isSent = true;
            var json = await Polling.UntilFoundAsync(
                cancellation => probes.ReadAsync(probeId, ProbePart.Answer, cancellation), time, both.Token);
            return new ProbeReply(ProbeAnswer.FromJson(json), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeReply(
                null,
                !isSent ? "The message broker"
                    : await probes.ExistsAsync(probeId, ProbePart.Checked, cancellationToken) ? "The Embedder" : "Ingest");
        }
    }

    public void Dispose() => _places.Dispose();

    /// <summary>Leaves nothing of a probe. What cannot be deleted now is left to Ingest's sweep.</summary>
    public async Task EndAsync(Guid probeId)
    {
        try
        {
            await probes.DeleteAsync(probeId, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.ProbeLeft(logger, e.Message);
        }
    }
}
