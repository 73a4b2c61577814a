using System.Globalization;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// Downloads images over http and https, within limits of time and bytes. It makes one attempt; the caller decides about more.
/// </summary>
internal sealed class HttpFetcher(IOptions<IngestOptions> options, HttpExchange exchange, HostGates gates, TimeProvider time)
{
    // The formats that can be decoded, by name. Some servers answer image/* with formats that cannot.
    private const string Accepted = "image/jpeg, image/png, image/webp, image/gif, image/tiff, image/avif, */*;q=0.1";
    private const int BufferBytes = 64 * 1024;
    private const int MaxBelievedBytes = 1024 * 1024;
    private readonly IngestOptions _options = options.Value;

    /// <summary>The bytes or the failure, after one attempt.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="source">The source whose image it is.</param>
    /// <param name="patience">Maximum time for the attempt.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FetchOutcome> FetchAsync(Uri uri, string source, TimeSpan patience, CancellationToken cancellationToken)
    {
        HostGate gate;
        try
        {
            _ = uri.IdnHost;
            gate = gates.Of(uri, source);
        }
        catch (UriFormatException)
        {
            return FetchOutcome.Refuse(RejectReasons.InvalidUri, "The URI's host is not a valid name.");
        }

        return await gate.ExecuteAsync(
            async token =>
            {
                using var limit = new CancellationTokenSource(patience, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
                try
                {
                    return await exchange.GetAsync(uri, headers => headers.Accept.ParseAdd(Accepted), ReadAsync, both.Token);
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

    private async Task<FetchOutcome?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        var announced = response.Content.Headers.ContentLength;
        if (announced > _options.MaxImageBytes)
        {
            return TooManyBytes(announced.Value);
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);

        // The announced length is trusted up to a megabyte. Beyond that the buffer grows with the bytes received.
        var buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(announced ?? BufferBytes, MaxBelievedBytes) + 1);
        var read = 0;
        while (await body.ReadAsync(buffer.AsMemory(read), cancellationToken) is var n and > 0)
        {
            read += n;
            if (read > _options.MaxImageBytes)
            {
                return TooManyBytes(read);
            }

            if (read == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, _options.MaxImageBytes + 1L));
            }
        }

        try
        {
            return ContentCoding.Decode(buffer[..read], response.Content.Headers.ContentEncoding, _options.MaxImageBytes) is { } bytes
                ? FetchOutcome.Of(bytes)
                : TooManyBytes(_options.MaxImageBytes + 1L);
        }
        catch (NotSupportedException e)
        {
            return FetchOutcome.Refuse(RejectReasons.FetchFailed, e.Message);
        }
    }

    private FetchOutcome TooManyBytes(long bytes) =>
        FetchOutcome.Refuse(RejectReasons.TooManyBytes,
            string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes or more; the limit is {_options.MaxImageBytes}."));
}
