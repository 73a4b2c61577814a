using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// Downloads over http and https, within limits of time, bytes and redirects, from public addresses only. One attempt: who calls decides
/// about
/// further ones.
/// </summary>
internal sealed class HttpFetcher : IDisposable
{
    // What can be decoded, by name: to image/* some servers answer with formats that cannot.
    private const string Accepted = "image/jpeg, image/png, image/webp, image/gif, image/tiff, */*;q=0.1";
    private const int BufferBytes = 64 * 1024;
    private const int MaxBelievedBytes = 1024 * 1024;
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(2);
    private readonly IngestOptions _options;
    private readonly HostGates _gates;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;

    public HttpFetcher(IOptions<IngestOptions> options, GuardedConnector connector, HostGates gates, TimeProvider time)
    {
        _options = options.Value;
        _gates = gates;
        _time = time;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None, // Decoded here, within the limit of bytes.
            ConnectTimeout = _options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = 16,
            MaxResponseHeadersLength = 64,
            ConnectCallback = (context, token) => connector.ConnectAsync(context.DnsEndPoint, token),
        });
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The bytes, or why not, after one attempt.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="patience">Maximum time for the attempt.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FetchOutcome> FetchAsync(Uri uri, TimeSpan patience, CancellationToken cancellationToken)
    {
        HostGate gate;
        try
        {
            _ = uri.IdnHost;
            gate = _gates.Of(uri);
        }
        catch (UriFormatException)
        {
            return FetchOutcome.Refuse(RejectReasons.InvalidUri, "The URI's host is not a valid name.");
        }

        return await gate.ExecuteAsync(
            async token =>
            {
                using var limit = new CancellationTokenSource(patience, _time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
                try
                {
                    return await AttemptAsync(uri, both.Token);
                }
                catch (OperationCanceledException) when (!token.IsCancellationRequested)
                {
                    // A host that outlasts little patience is slow, not broken: it is asked again with more.
                    return FetchOutcome.Fail(
                        RejectReasons.FetchTimeout,
                        string.Create(CultureInfo.InvariantCulture, $"{uri.Host} took longer than {patience.TotalSeconds:0.#} s."),
                        patience < _options.FetchTimeout ? TimeSpan.Zero : null);
                }
            },
            patience, isImpatient: patience < _options.FetchTimeout, cancellationToken);
    }

    private async Task<FetchOutcome> AttemptAsync(Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                request.Headers.UserAgent.Add(new ProductInfoHeaderValue("CpfPipeline", "0.1"));
                request.Headers.Accept.ParseAdd(Accepted);
                using var response = await _client.SendAsync(request, cancellationToken);
                if (!IsRedirect(response))
                {
                    return await ReadAsync(response, cancellationToken);
                }

                if (redirects == _options.MaxRedirects)
                {
                    return FetchOutcome.Refuse(RejectReasons.TooManyRedirects, $"More than {_options.MaxRedirects} redirects.");
                }

                if (!Uri.TryCreate(uri, response.Headers.Location, out var next))
                {
                    return FetchOutcome.Refuse(RejectReasons.InvalidUri, "Redirected to a URI that cannot be parsed.");
                }

                uri = next;
                if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
                {
                    return FetchOutcome.Refuse(RejectReasons.UnsupportedScheme, $"Redirected to the scheme {uri.Scheme}.");
                }
            }
        }
        catch (HttpRequestException e) when (e.InnerException is PrivateAddressException refused)
        {
            return FetchOutcome.Refuse(RejectReasons.PrivateAddress, refused.Message);
        }
        catch (HttpRequestException e)
        {
            var reason = e.InnerException is SocketException socket ? socket.SocketErrorCode.ToString() : e.HttpRequestError.ToString();
            return FetchOutcome.Fail(RejectReasons.FetchFailed, $"{uri.Host} could not be reached: {reason}.");
        }
        catch (UriFormatException)
        {
            // Parsing lets names through that cannot be written in ASCII; whoever asks for that form learns it.
            return FetchOutcome.Refuse(RejectReasons.InvalidUri, "The URI's host is not a valid name.");
        }
        catch (IOException)
        {
            return FetchOutcome.Fail(RejectReasons.FetchFailed, $"{uri.Host} broke the transfer off.");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FetchOutcome.Fail(RejectReasons.FetchFailed, $"{uri.Host} did not accept a connection in time.");
        }
    }

    private async Task<FetchOutcome> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            var reason = status switch
            {
                401 or 403 => RejectReasons.NotReadable,
                404 or 410 => RejectReasons.NotFound,
                _ => RejectReasons.FetchFailed,
            };
            var detail = $"The server answered {status}.";
            return status is 429 or >= 500 ? FetchOutcome.Fail(reason, detail, RetryAfter(response)) : FetchOutcome.Refuse(reason, detail);
        }

        var announced = response.Content.Headers.ContentLength;
        if (announced > _options.MaxImageBytes)
        {
            return TooManyBytes(announced.Value);
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);

        // What is announced is believed up to a megabyte; more memory comes with more bytes.
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

    // A pause that a server asks for is kept, within reason. Without one a 429 still asks for some.
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter;
        var pause = asked?.Delta ?? (asked?.Date is { } date ? date - _time.GetUtcNow() : null);
        pause ??= response.StatusCode == HttpStatusCode.TooManyRequests ? _options.FetchBackoff : null;
        return pause is { } time ? TimeSpan.FromTicks(Math.Clamp(time.Ticks, 0, MaxRetryAfter.Ticks)) : null;
    }

    private FetchOutcome TooManyBytes(long bytes) =>
        FetchOutcome.Refuse(RejectReasons.TooManyBytes,
            string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes or more; the limit is {_options.MaxImageBytes}."));

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;
}
