using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Probes;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Probes;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary><c>POST /find</c>: a picture that is compared with the catalogue and not kept.</summary>
internal static class ProbeEndpoints
{
    private const int NeighboursShown = 12;
    private const string Later = "it may be down or busy. Try again later; nothing of the picture was kept.";

    public static void MapProbes(this IEndpointRouteBuilder routes) =>
        routes.MapPost(FindAddress.Path, CompareAsync).WithMetadata(ProbeUpload.Mark)
            .WithFormOptions(multipartBodyLengthLimit: long.MaxValue); // The gate bounds it.

    /// <summary>The page that takes a picture.</summary>
    public static IResult Form(
        int statusCode, IOptions<MatcherOptions> options, string? problem = null, string? uri = null, string? searched = null) =>
        PageResults.Of<FindPage>(
            statusCode, new { MaxBytes = options.Value.MaxProbeBytes, Problem = problem, Uri = uri, Searched = searched });

    private static async Task<IResult> CompareAsync(
        HttpContext http, IFormCollection form, ModelStore models, ProbeRequests requests, ProbeMatcher matcher, PictureStore pictures,
        IOptions<MatcherOptions> options, CancellationToken cancellationToken)
    {
        // A browser sends an empty part for a file that was not chosen.
        var file = form.Files.FirstOrDefault(f => f.Name == "picture" && (f.FileName.Length > 0 || f.Length > 0));
        var uri = form["uri"].ToString().Trim();
        if (file is null && uri.Length == 0)
        {
            return Form(StatusCodes.Status400BadRequest, options, "Choose a picture, or give the address of one.");
        }

        if (file is { Length: var length } && length > options.Value.MaxProbeBytes)
        {
            return Form(StatusCodes.Status413PayloadTooLarge, options, ProbeUpload.TooLarge(options.Value));
        }

        if (await models.GetActiveAsync(cancellationToken) is null)
        {
            return Form(StatusCodes.Status404NotFound, options, "No model is active yet: there is nothing to compare with.", uri);
        }

        var reply = await AskAsync(file, uri, requests, cancellationToken);
        if (reply.Answer is not { } answer)
        {
            http.Response.Headers.RetryAfter = "30";
            return Form(
                StatusCodes.Status503ServiceUnavailable, options,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{reply.Silent} did not answer within {options.Value.MaxProbeWait.TotalSeconds:0.#} s: {Later}"), uri);
        }

        if (answer.Reason is not null)
        {
            return Form(StatusCodes.Status422UnprocessableEntity, options, $"Refused ({answer.Reason}): {answer.Detail}", uri);
        }

        if (await matcher.MatchAsync(answer, NeighboursShown, cancellationToken) is not { } result)
        {
            return Form(
                StatusCodes.Status503ServiceUnavailable, options,
                "Another model took over while the picture was compared. Send it again.", uri);
        }

        return await PageAsync(http, result, answer, pictures, options.Value, cancellationToken);
    }

    private static async Task<ProbeReply> AskAsync(
        IFormFile? file, string uri, ProbeRequests requests, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return await requests.AskAsync(uri, cancellationToken);
        }

        await using var bytes = file.OpenReadStream();
        return await requests.AskAsync(bytes, cancellationToken);
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, ProbeResult result, ProbeAnswer answer, PictureStore pictures, MatcherOptions options,
        CancellationToken cancellationToken)
    {
        var shown = (await pictures.ReadAsync([.. result.Nearest.Select(n => n.ContentId)], cancellationToken))
            .ToDictionary(p => p.ContentId);

        // The probe is no file of the server: its thumbnail is in the page.
        http.Response.Headers.ContentSecurityPolicy = PageHeaders.ContentSecurityPolicy + "; img-src 'self' data:";
        return PageResults.Of<ProbePage>(new
        {
            Data = new ProbePageData(
                result, [.. result.Nearest.Where(n => shown.ContainsKey(n.ContentId)).Select(n => (n, shown[n.ContentId]))],
                answer.Thumbnail),
            MaxBytes = options.MaxProbeBytes,
        });
    }
}
