using System.Text;
using System.Threading.RateLimiting;
using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Probes;
using CpfPipeline.Matcher.Pages.Frame;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>
/// Reads the form of a picture part by part into the store of the probes, so that nothing of it lies anywhere else. The token comes first
/// and is checked before anything else is read. How large an upload is, how long it takes, and how many come at once is bounded.
/// </summary>
internal sealed class ProbeUploads(IProbeStore probes, IAntiforgery antiforgery, IOptions<MatcherOptions> options, TimeProvider time)
    : IDisposable
{
    /// <summary>For how long an upload may go on.</summary>
    internal static readonly TimeSpan MaxUpload = TimeSpan.FromSeconds(60);

    // How long an address may be, Ingest says.
    private const int MaxFieldBytes = 16 * 1024;

    // The other fields of the form and the lines between its parts.
    private const int FormBytes = 64 * 1024;
    private const string TokenField = "__RequestVerificationToken";

    private readonly MatcherOptions _options = options.Value;
    private readonly ConcurrencyLimiter _places = new(new() { PermitLimit = options.Value.MaxProbesAtOnce, QueueLimit = 0 });

    /// <summary>Reads what was sent.</summary>
    /// <param name="http">The request, whose body nobody has read.</param>
    /// <param name="probeId">A probe that was begun: it receives the picture.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ProbeSent> ReadAsync(HttpContext http, Guid probeId, CancellationToken cancellationToken)
    {
        if (http.Request.ContentLength > _options.MaxProbeBytes + FormBytes)
        {
            return TooLarge();
        }

        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || type.MediaType != "multipart/form-data" || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            return Incomplete();
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _options.MaxProbeBytes + FormBytes;
        }

        using var limit = new CancellationTokenSource(MaxUpload, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ReadAsync(http, probeId, new MultipartReader(boundary, http.Request.Body), both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeSent.Wrong(
                StatusCodes.Status408RequestTimeout,
                $"The picture did not arrive within {MaxUpload.TotalSeconds:0} s. Send a smaller one.");
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : Incomplete();
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not ObjectStoreException))
        {
            return Incomplete();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task<ProbeSent> ReadAsync(HttpContext http, Guid probeId, MultipartReader parts, CancellationToken cancellationToken)
    {
        if (await parts.ReadNextSectionAsync(cancellationToken) is not { } first || NameOf(first) != TokenField
            || await TextAsync(first, cancellationToken) is not { } token)
        {
            return new ProbeSent.Unsigned();
        }

        // Where the check looks first; it would read the whole form otherwise.
        http.Request.Headers[FormAnswers.Header] = token;
        var isValid = await antiforgery.IsRequestValidAsync(http);
        http.Request.Headers.Remove(FormAnswers.Header);
        if (!isValid)
        {
            return new ProbeSent.Unsigned();
        }

        using var place = _places.AttemptAcquire();
        if (!place.IsAcquired)
        {
            return ProbeSent.Busy;
        }

        var (uri, hasPicture) = ("", false);
        while (await parts.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            if (NameOf(part) == "picture")
            {
                // A browser sends an empty part for a file that was not chosen.
                if (await probes.ReceiveAsync(probeId, part.Body, _options.MaxProbeBytes, cancellationToken) is not { } length)
                {
                    return TooLarge();
                }

                hasPicture = length > 0 || hasPicture || FileNameOf(part).Length > 0;
            }
            else if (NameOf(part) == "uri")
            {
                if (await TextAsync(part, cancellationToken) is not { } text)
                {
                    return new ProbeSent.Wrong(
                        StatusCodes.Status422UnprocessableEntity, $"The address is longer than {MaxFieldBytes:N0} bytes.");
                }

                uri = text.Trim();
            }
        }

        return hasPicture ? new ProbeSent.Given(null)
            : uri.Length > 0 ? new ProbeSent.Given(uri)
            : new ProbeSent.Wrong(StatusCodes.Status400BadRequest, "Choose a picture, or give the address of one.");
    }

    private static string NameOf(MultipartSection part) => part.GetContentDispositionHeader()?.Name.Value is { } name
        ? HeaderUtilities.RemoveQuotes(name).Value ?? "" : "";

    private static string FileNameOf(MultipartSection part) => part.GetContentDispositionHeader()?.FileName.Value is { } name
        ? HeaderUtilities.RemoveQuotes(name).Value ?? "" : "";

    // Null when it is too long.
    private static async Task<string?> TextAsync(MultipartSection part, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var read = await part.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return read > MaxFieldBytes ? null : Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static ProbeSent.Wrong Incomplete() => new(StatusCodes.Status400BadRequest, "The form did not arrive as a whole.");

    private ProbeSent.Wrong TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge, $"The picture is too large: {Figures.Bytes(_options.MaxProbeBytes)} is the most.");
}
