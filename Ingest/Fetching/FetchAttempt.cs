using System.Globalization;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>One attempt at an image: through the gate of its host, and within the caller's patience.</summary>
internal sealed class FetchAttempt(IOptions<IngestOptions> options, HostGates gates, TimeProvider time)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>The bytes or the failure.</summary>
    /// <param name="uri">The image's URI.</param>
    /// <param name="source">The source whose image it is.</param>
    /// <param name="patience">Maximum time for the attempt.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<FetchOutcome> MakeAsync(
        Uri uri, string source, TimeSpan patience, Func<CancellationToken, Task<FetchOutcome>> request,
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
                        patience < _options.FetchTimeout ? TimeSpan.Zero : null);
                }
            },
            patience, isImpatient: patience < _options.FetchTimeout, cancellationToken);
}
