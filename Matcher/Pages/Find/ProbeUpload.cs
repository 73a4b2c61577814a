using CpfPipeline.Matcher.Pages.Frame;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>
/// Bounds what <c>POST /find</c> costs before anything is read: how large a body is, how slowly it may come, and how many are worked on at
/// once. Stands before the check of the form's token, which reads the body.
/// </summary>
internal sealed class ProbeUpload(RequestDelegate next, IOptions<MatcherOptions> options)
{
    /// <summary>Marks the endpoint.</summary>
    public static readonly object Mark = new MarkOfProbes();

    // The other fields of the form and the lines between its parts.
    private const int FormBytes = 64 * 1024;
    private static readonly MinDataRate SlowestUpload = new(bytesPerSecond: 8 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    private int _atOnce;

    /// <summary>What is said of a picture that is too large.</summary>
    public static string TooLarge(MatcherOptions options) =>
        $"The picture is too large: {Figures.Bytes(options.MaxProbeBytes)} is the most.";

    /// <summary>Lets a request pass, or answers it.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<MarkOfProbes>() is null)
        {
            await next(http);
            return;
        }

        var limit = options.Value.MaxProbeBytes + FormBytes;
        if (http.Request.ContentLength > limit)
        {
            await RefuseAsync(http, StatusCodes.Status413PayloadTooLarge, TooLarge(options.Value));
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _atOnce) > options.Value.MaxProbesAtOnce)
            {
                http.Response.Headers.RetryAfter = "5";
                await RefuseAsync(
                    http, StatusCodes.Status503ServiceUnavailable,
                    "Too many pictures are being compared at this moment. Send yours again soon.");
                return;
            }

            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = limit;
            }

            if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = SlowestUpload;
            }

            await next(http);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    private Task RefuseAsync(HttpContext http, int status, string problem)
    {
        PageHeaders.Set(http.Response.Headers);
        return ProbeEndpoints.Form(status, options, problem).ExecuteAsync(http);
    }

    private sealed class MarkOfProbes;
}
