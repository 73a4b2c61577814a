using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Net;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// Requests over http and https, to allowed hosts and public addresses only, with a limit on redirects. A failure is a value, not an
/// exception.
/// </summary>
internal sealed class HttpExchange : IDisposable
{
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(2);
    private readonly IngestOptions _options;
    private readonly HostRule _hosts;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;

    public HttpExchange(IOptions<IngestOptions> options, HostRule hosts, GuardedConnector connector, TimeProvider time)
    {
        _options = options.Value;
        _hosts = hosts;
        _time = time;
        _client = new HttpMessageInvoker(connector.NewHandler(mayBePrivate: _ => false, handler =>
        {
            handler.AutomaticDecompression = DecompressionMethods.None; // The reader decodes it, within a limit of bytes.
            handler.MaxConnectionsPerServer = int.MaxValue; // The gates of the hosts limit them, source by source.
            handler.MaxResponseHeadersLength = 64;
        }));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Asks once, and follows redirects.</summary>
    /// <param name="uri">http or https.</param>
    /// <param name="prepare">Sets the headers of each request.</param>
    /// <param name="read">Reads a successful answer, or another one that it knows. When it returns null, the status decides.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The result of <paramref name="read"/>, or the failure.</returns>
    public async Task<FetchOutcome> GetAsync(
        Uri uri, Action<HttpRequestHeaders> prepare, Func<HttpResponseMessage, CancellationToken, Task<FetchOutcome?>> read,
        CancellationToken cancellationToken)
    {
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                if (_hosts.Check(uri) is { } refusal)
                {
                    return FetchOutcome.Refuse(refusal.Reason, refusal.Detail);
                }

                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                request.Headers.UserAgent.Add(new ProductInfoHeaderValue("CpfPipeline", "0.1"));
                prepare(request.Headers);
                using var response = await _client.SendAsync(request, cancellationToken);
                if (!IsRedirect(response))
                {
                    return await read(response, cancellationToken) ?? Judge(response);
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
        catch (IOException)
        {
            return FetchOutcome.Fail(RejectReasons.FetchFailed, $"{uri.Host} broke the transfer off.");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FetchOutcome.Fail(RejectReasons.FetchFailed, $"{uri.Host} did not accept a connection in time.");
        }
    }

    private FetchOutcome Judge(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var reason = status switch
        {
            401 or 403 => RejectReasons.NotReadable,
            404 or 410 => RejectReasons.NotFound,
            _ => RejectReasons.FetchFailed,
        };
        var detail = $"The server answered {status}.";
        return status is 429 or >= 500 ? FetchOutcome.Fail(reason, detail, RetryAfter(response)) : FetchOutcome.Refuse(reason, detail);
    }

    // A pause that a server asks for is kept, up to a limit. A 429 without one still gets a pause.
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter;
        var pause = asked?.Delta ?? (asked?.Date is { } date ? date - _time.GetUtcNow() : null);
        pause ??= response.StatusCode == HttpStatusCode.TooManyRequests ? _options.FetchBackoff : null;
        return pause is { } time ? TimeSpan.FromTicks(Math.Clamp(time.Ticks, 0, MaxRetryAfter.Ticks)) : null;
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;
}
