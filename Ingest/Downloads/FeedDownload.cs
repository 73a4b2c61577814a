using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net;
using System.Security.Cryptography;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Streams;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Downloads;

/// <summary>
/// One attempt to download a feed: piece by piece to the disk, from public addresses only, within limits of bytes, of time without any
/// bytes, and of time in all.
/// </summary>
internal sealed class FeedDownload(
    HttpExchange exchange, HostGates gates, FeedSpool spool, FeedDownloadStore store, IOptions<IngestOptions> options, TimeProvider time)
{
    private const int BufferBytes = 128 * 1024;
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);
    private readonly IngestOptions _options = options.Value;

    /// <summary>Downloads the feed, unless its server says that it has not changed.</summary>
    /// <param name="feed">A feed with a URL.</param>
    /// <param name="known">The former feed whose content need not come again, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// What failed, or null; then the body, which lies in the spool, or null when the server says that it is the known one.
    /// </returns>
    /// <exception cref="SpoolException">The disk refuses it.</exception>
    public async Task<(FetchOutcome? Failure, FeedBody? Body)> TryAsync(Feed feed, KnownFeed? known, CancellationToken cancellationToken)
    {
        var uri = new Uri(feed.Url!);
        FeedBody? body = null;
        var outcome = await gates.Of(uri, feed.Source).ExecuteAsync(
            async token =>
            {
                using var total = new CancellationTokenSource(_options.FeedTimeout, time);
                using var silence = new CancellationTokenSource(_options.FetchTimeout, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(total.Token, silence.Token, token);
                try
                {
                    return await exchange.GetAsync(
                        uri, headers => Prepare(headers, known),
                        async (response, limit) =>
                        {
                            if (known is not null && response.StatusCode == HttpStatusCode.NotModified)
                            {
                                return FetchOutcome.Of([]);
                            }

                            if (response.StatusCode != HttpStatusCode.OK)
                            {
                                return null;
                            }

                            (var failure, body) = await ReceiveAsync(feed.FeedId, response, silence, limit);
                            return failure ?? FetchOutcome.Of([]);
                        },
                        both.Token);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    var (what, limit) = total.IsCancellationRequested
                        ? ("took longer than", _options.FeedTimeout)
                        : ("sent nothing for", _options.FetchTimeout);
                    return FetchOutcome.Fail(
                        RejectReasons.FetchTimeout,
                        string.Create(CultureInfo.InvariantCulture, $"{uri.Host} {what} {limit.TotalSeconds:0.#} s."));
                }
            },
            _options.FetchTimeout, isImpatient: false, cancellationToken);
        return outcome.Bytes is null ? (outcome, null) : (null, body);
    }

    private static void Prepare(HttpRequestHeaders headers, KnownFeed? known)
    {
        headers.Accept.ParseAdd("*/*");
        headers.AcceptEncoding.ParseAdd("gzip, deflate, br");
        if (known?.ETag is { } tag)
        {
            headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        if (known?.LastModified is { } modified)
        {
            headers.TryAddWithoutValidation("If-Modified-Since", modified);
        }
    }

    private async Task<(FetchOutcome? Failure, FeedBody? Body)> ReceiveAsync(
        long feedId, HttpResponseMessage response, CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        var headers = response.Content.Headers;
        if (headers.ContentLength > _options.MaxFeedBytes)
        {
            return (TooManyBytes(headers.ContentLength.Value), null);
        }

        await using var received = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            await using var plain = await BodyStream.OpenAsync(received, headers.ContentEncoding, cancellationToken);
            await store.BeginAsync(feedId, headers.ContentEncoding.Count == 0 ? headers.ContentLength : null, cancellationToken);
            return await SaveAsync(feedId, plain, silence, cancellationToken) is var (sha256, bytes)
                ? (null, Describe(response, sha256, bytes))
                : (TooManyBytes(_options.MaxFeedBytes + 1), null);
        }
        catch (NotSupportedException e)
        {
            return (FetchOutcome.Refuse(RejectReasons.FetchFailed, e.Message), null);
        }
        catch (InvalidDataException)
        {
            return (FetchOutcome.Fail(RejectReasons.FetchFailed, "The body cannot be decompressed as its Content-Encoding says."), null);
        }
    }

    private static async Task<int> ReadAsync(Stream plain, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await plain.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            // This is what brotli's stream says of bytes that are none.
            throw new InvalidDataException(e.Message, e);
        }
    }

    private async Task<(byte[] Sha256, long Bytes)?> SaveAsync(
        long feedId, Stream plain, CancellationTokenSource silence, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var (bytes, told) = (0L, Stopwatch.GetTimestamp());
        await using (var file = Guarded(() => spool.Create(feedId)))
        {
            while (await ReadAsync(plain, buffer, cancellationToken) is var length and > 0)
            {
                silence.CancelAfter(_options.FetchTimeout);
                bytes += length;
                if (bytes > _options.MaxFeedBytes)
                {
                    return null;
                }

                hash.AppendData(buffer, 0, length);
                await WriteAsync(file, buffer.AsMemory(0, length), cancellationToken);
                if (Stopwatch.GetElapsedTime(told) > TellEvery)
                {
                    await store.TellAsync(feedId, bytes, cancellationToken);
                    told = Stopwatch.GetTimestamp();
                }
            }
        }

        Guarded(() =>
        {
            spool.Keep(feedId);
            return true;
        });
        return (hash.GetHashAndReset(), bytes);
    }

    private static FeedBody Describe(HttpResponseMessage response, byte[] sha256, long bytes)
    {
        var headers = response.Content.Headers;
        return new FeedBody(sha256, bytes)
        {
            ETag = response.Headers.ETag?.ToString(),
            LastModified = headers.NonValidated.TryGetValues("Last-Modified", out var modified) ? modified.ToString() : null,
            Charset = headers.ContentType?.CharSet,
            MediaType = headers.ContentType?.MediaType,
            FileName = headers.ContentDisposition is { } named ? (named.FileNameStar ?? named.FileName)?.Trim('"') : null,
        };
    }

    // What the disk refuses is no fault of the host.
    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException(e);
        }
    }

    private static async ValueTask WriteAsync(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException e)
        {
            throw new SpoolException(e);
        }
    }

    private FetchOutcome TooManyBytes(long bytes) =>
        FetchOutcome.Refuse(
            RejectReasons.TooManyBytes,
            string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes or more; the limit is {_options.MaxFeedBytes}."));
}
