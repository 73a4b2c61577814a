using System.Globalization;
using System.Security.Cryptography;
using CpfPipeline.Data.Probes;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Sniffing;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Probes;

/// <summary>
/// Refuses a probe for what a submission would be refused for, by the same rules and in the same words, and stores nothing of it but in the
/// store of the probes.
/// </summary>
internal sealed class ProbeCheck(
    IProbeStore probes, IImageFetcher fetcher, TombstoneStore tombstones, IOptions<IngestOptions> options, TimeProvider time)
{
    /// <summary>For how long somebody in front of a page is kept waiting for another host.</summary>
    internal static readonly TimeSpan MaxFetch = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Fetches the probe's bytes, or takes those that were received, and looks at them.</summary>
    /// <param name="probeId">The probe.</param>
    /// <param name="uri">http or https; null when its bytes were received.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether they are there, checked, to be embedded. When not, they were refused, or nobody waits any more.</returns>
    public async Task<bool> CheckAsync(Guid probeId, string? uri, CancellationToken cancellationToken)
    {
        if (!await probes.IsWaitedForAsync(probeId, cancellationToken))
        {
            return false;
        }

        var fetched = uri is not null ? await FetchAsync(probeId, uri, cancellationToken)
            : await probes.ReadAsync(probeId, ProbePart.Received, cancellationToken) is { } received ? FetchOutcome.Of(received) : null;
        if (fetched is null)
        {
            return false;
        }

        var (reason, detail) = fetched.Bytes is { } bytes ? await ProblemAsync(bytes, cancellationToken) : (fetched.Reason, fetched.Detail);
        if (reason is not null)
        {
            var answer = ProbeAnswer.Refuse(reason, detail) with { MayRecover = fetched.MayRecover, RetryAfter = fetched.RetryAfter };
            await probes.WriteAsync(probeId, ProbePart.Answer, answer.ToJson(), cancellationToken);
            return false;
        }

        return await probes.WriteAsync(probeId, ProbePart.Checked, fetched.Bytes, cancellationToken);
    }

    private async Task<FetchOutcome?> FetchAsync(Guid probeId, string uri, CancellationToken cancellationToken)
    {
        if (SubmissionRule.UriProblem(uri) is { } refusal)
        {
            return FetchOutcome.Refuse(refusal.Reason, refusal.Detail);
        }

        // What a submission may name besides is the operator's: a person in front of a page reaches the web only.
        if (!ImageUri.IsWeb(uri))
        {
            return FetchOutcome.Refuse(RejectReasons.UnsupportedScheme, $"The scheme {uri[..uri.IndexOf(':')]} is none of http, https.");
        }

        using var limit = new CancellationTokenSource(MaxFetch, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var fetch = fetcher.FetchAsync(uri, HostGates.Probes, feedFolder: null, options.Value.FetchTimeout, any.Token);
        try
        {
            while (!any.IsCancellationRequested && await Task.WhenAny(fetch, Task.Delay(LookPause, time, any.Token)) != fetch)
            {
                if (!await probes.IsWaitedForAsync(probeId, cancellationToken))
                {
                    await any.CancelAsync(); // Whoever asked has gone: nobody's host is kept busy for it.
                }
            }

            return await fetch;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && !limit.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FetchOutcome.Fail(
                RejectReasons.FetchTimeout,
                string.Create(CultureInfo.InvariantCulture, $"The server took longer than {MaxFetch.TotalSeconds:0} s."));
        }
    }

    private async Task<(string? Reason, string? Detail)> ProblemAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        var sniffed = HeaderSniffer.Sniff(bytes, options.Value);
        return sniffed.Image is null ? (sniffed.Reason, sniffed.Detail)
            : await tombstones.IsErasedAsync(SHA256.HashData(bytes), cancellationToken)
                ? (RejectReasons.Erased, ContentIntake.ContentErased)
                : (null, null);
    }
}
