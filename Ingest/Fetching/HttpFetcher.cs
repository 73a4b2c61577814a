using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using CpfPipeline.Contracts;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest;

/// <summary>Downloads over http and https, within limits of time, bytes and redirects, from public addresses only.</summary>
internal sealed class HttpFetcher : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int MaxBelievedBytes = 1024 * 1024;
    private readonly IngestOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;

    public HttpFetcher(IOptions<IngestOptions> options, GuardedConnector connector, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = _options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = 16,
            MaxResponseHeadersLength = 64,
            ConnectCallback = (context, token) => connector.ConnectAsync(context.DnsEndPoint, token),
        });
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The bytes, or why not.</summary>
    public async Task<FetchOutcome> FetchAsync(Uri uri, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.FetchTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var pause = _options.FetchBackoff;
            for (var attempt = 1; ; attempt++)
            {
                var (outcome, mayRecover) = await AttemptAsync(uri, both.Token);
                if (!mayRecover || attempt == _options.FetchAttempts)
                {
                    return outcome;
                }

                await Task.Delay(pause, _time, both.Token);
                pause *= 4;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FetchOutcome.Refuse(
                RejectReasons.FetchTimeout, string.Create(
                    CultureInfo.InvariantCulture, $"Took longer than {_options.FetchTimeout.TotalSeconds} s."));
        }
    }

    private async Task<(FetchOutcome Outcome, bool MayRecover)> AttemptAsync(Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                request.Headers.UserAgent.Add(new ProductInfoHeaderValue("CpfPipeline", "0.1"));
                request.Headers.Accept.ParseAdd("image/*, */*;q=0.5");
                using var response = await _client.SendAsync(request, cancellationToken);
                if (!IsRedirect(response))
                {
                    return await ReadAsync(response, cancellationToken);
                }

                if (redirects == _options.MaxRedirects)
                {
                    return (FetchOutcome.Refuse(RejectReasons.TooManyRedirects, $"More than {_options.MaxRedirects} redirects."), false);
                }

                if (!Uri.TryCreate(uri, response.Headers.Location, out var next))
                {
                    return (FetchOutcome.Refuse(RejectReasons.InvalidUri, "Redirected to a URI that cannot be parsed."), false);
                }

                uri = next;
                if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
                {
                    return (FetchOutcome.Refuse(RejectReasons.UnsupportedScheme, $"Redirected to the scheme {uri.Scheme}."), false);
                }
            }
        }
        catch (HttpRequestException e) when (e.InnerException is PrivateAddressException refused)
        {
            return (FetchOutcome.Refuse(RejectReasons.PrivateAddress, refused.Message), false);
        }
        catch (HttpRequestException e)
        {
            var reason = e.InnerException is SocketException socket ? socket.SocketErrorCode.ToString() : e.HttpRequestError.ToString();
            return (FetchOutcome.Refuse(RejectReasons.FetchFailed, $"{uri.Host} could not be reached: {reason}."), true);
        }
        catch (UriFormatException)
        {
            // Parsing lets names through that cannot be written in ASCII; whoever asks for that form learns it.
            return (FetchOutcome.Refuse(RejectReasons.InvalidUri, "The URI's host is not a valid name."), false);
        }
        catch (IOException)
        {
            return (FetchOutcome.Refuse(RejectReasons.FetchFailed, $"{uri.Host} broke the transfer off."), true);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (FetchOutcome.Refuse(RejectReasons.FetchFailed, $"{uri.Host} did not accept a connection in time."), true);
        }
    }

    private async Task<(FetchOutcome Outcome, bool MayRecover)> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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
            return (FetchOutcome.Refuse(reason, $"The server answered {status}."), status is 429 or >= 500);
        }

        var announced = response.Content.Headers.ContentLength;
        if (announced > _options.MaxImageBytes)
        {
            return (TooManyBytes(announced.Value), false);
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
                return (TooManyBytes(read), false);
            }

            if (read == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, _options.MaxImageBytes + 1L));
            }
        }

        return (FetchOutcome.Of(buffer[..read]), false);
    }

    private FetchOutcome TooManyBytes(long bytes) =>
        FetchOutcome.Refuse(RejectReasons.TooManyBytes,
            string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes or more; the limit is {_options.MaxImageBytes}."));

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;
}
