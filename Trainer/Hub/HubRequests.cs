using System.Net;
using System.Net.Http.Headers;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Hub;

/// <summary>
/// Asks the hub, follows where it points to, and asks again when that may help. The token goes to the endpoint's own host only, and never
/// over a plain connection that a redirect asks for.
/// </summary>
internal sealed class HubRequests(HttpClient http, HubSettings settings, TimeProvider time)
{
    /// <summary>How often something is tried that fails at once.</summary>
    public const int MaxTries = 5;

    private const int MaxRedirects = 5;

    /// <summary>Opens a body, from a byte on.</summary>
    /// <exception cref="ModelFileException">It is not there, or not for everybody.</exception>
    /// <exception cref="IOException">The hub does not answer, after several tries.</exception>
    public async Task<HubAnswer> OpenAsync(HubName name, Uri address, string what, long from, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            string problem;
            try
            {
                var answer = await FollowAsync(address, from, cancellationToken);
                var status = answer.Response.StatusCode;
                if (status is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return answer;
                }

                answer.Dispose();
                problem = $"answered {(int)status}";
                if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                {
                    throw new ModelFileException(settings.Token is null
                        ? $"{name}: {what} is not for everybody ({(int)status}), or does not exist: accept its conditions on the hub and "
                            + "give a token in HF_TOKEN"
                        : $"{name}: {what} is not for the owner of HF_TOKEN ({(int)status}): accept its conditions on the hub, or give "
                            + "another token");
                }

                if ((int)status < 500 && status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout))
                {
                    throw new ModelFileException(status == HttpStatusCode.NotFound
                        ? $"{name}: {what} is not there" : $"{name}: {what} was refused ({(int)status})");
                }
            }
            catch (HttpRequestException e)
            {
                problem = $"does not answer: {e.Message}";
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                problem = FormattableString.Invariant($"does not answer within {settings.Patience.TotalSeconds:0.###} s");
            }

            if (attempt == MaxTries)
            {
                throw new IOException($"{address.Host} {problem} ({name}, {what}); run the same command again to go on");
            }

            await PauseAsync(attempt, cancellationToken);
        }
    }

    /// <summary>Waits before another try.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(settings.Pause * Math.Pow(2, attempt - 1), time, cancellationToken);

    /// <summary>Ends when the caller's does, and when nothing has come for too long.</summary>
    public HubPatience Patient(CancellationToken cancellationToken) => new(settings.Patience, time, cancellationToken);

    private async Task<HubAnswer> FollowAsync(Uri address, long from, CancellationToken cancellationToken)
    {
        HubFileCheck? check = null;
        string? commit = null;
        for (var hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.UserAgent.ParseAdd("CpfPipeline");
            if (settings.Token is { } token && IsEndpoint(address))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }

            using var patience = Patient(cancellationToken);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var isRedirect = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (IsEndpoint(address))
            {
                // A host that delivers for the hub has other tags, and so has a redirect.
                check ??= HubFileCheck.Of(
                    Header(response, "X-Linked-Etag") ?? (isRedirect ? null : response.Headers.ETag?.ToString()), SizeOf(response));
                commit ??= Header(response, "X-Repo-Commit");
            }

            if (!isRedirect || response.Headers.Location is not { } location)
            {
                return new HubAnswer(response, check, commit);
            }

            response.Dispose();
            var next = new Uri(address, location);
            if (hop == MaxRedirects || next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http"))
            {
                throw new IOException($"{address.Host} redirects to {next.Scheme}://{next.Host}, which is not followed");
            }

            address = next;
        }
    }

    private bool IsEndpoint(Uri address) =>
        Uri.Compare(
            address, settings.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static long? SizeOf(HttpResponseMessage response) =>
        long.TryParse(Header(response, "X-Linked-Size"), out var linked) ? linked
        : response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength
        : response.Content.Headers.ContentRange?.Length;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
