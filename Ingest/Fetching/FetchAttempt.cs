using System.Globalization;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>One attempt at an image: through the gate of its host, and within the caller's patience.</summary>
internal sealed class FetchAttempt(IOptions<IngestOptions> options, HostGates gates, SlowSources slow, TimeProvider time)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>The bytes or the failure. With a short patience, a source or host that is known to be slow is not asked.</summary>
    /// <param name="uri">The image's URI.</param>
    /// <param name="source">The source whose image it is.</param>
    /// <param name="patience">Maximum time for the attempt.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FetchOutcome> MakeAsync(
        Uri uri, string source, TimeSpan patience, Func<CancellationToken, Task<FetchOutcome>> request,
        CancellationToken cancellationToken)
    {
        if (patience >= _options.FetchTimeout)
        {
            return await PassAsync(uri, source, patience, request, isImpatient: false, cancellationToken);
        }

        if (slow.IsSlow(source))
        {
            return FetchOutcome.Wait(TimeSpan.Zero, "Many addresses of this source are slow, so it is fetched apart from others.");
        }

        // The time of the request alone: to wait for one's turn at a host is no fault of its images.
        async Task<FetchOutcome> TimedAsync(CancellationToken token)
        {
            var began = time.GetTimestamp();
            try
            {
                return await request(token);
            }
            finally
            {
                slow.Note(source, time.GetElapsedTime(began));
            }
        }

        return await PassAsync(uri, source, patience, TimedAsync, isImpatient: true, cancellationToken);
    }

    private Task<FetchOutcome> PassAsync(
        Uri uri, string source, TimeSpan patience, Func<CancellationToken, Task<FetchOutcome>> request, bool isImpatient,
        CancellationToken cancellationToken) =>
        gates.Of(uri, source).ExecuteAsync(
            async token =>
            {
                using var limit = new CancellationTokenSource(patience, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
                try
                {
                    return await request(both.Token);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    // A host that exceeds a short patience is slow, not broken. It is asked again with a longer one.
                    return FetchOutcome.Fail(
                        RejectReasons.FetchTimeout,
                        string.Create(CultureInfo.InvariantCulture, $"{uri.Host} took longer than {patience.TotalSeconds:0.#} s."),
                        isImpatient ? TimeSpan.Zero : null);
                }
            },
            patience, isImpatient, cancellationToken);
}
