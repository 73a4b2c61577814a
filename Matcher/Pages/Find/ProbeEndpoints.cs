using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Probes;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Probes;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary><c>POST /find</c>: a picture that is compared with the catalogue and not kept.</summary>
internal static class ProbeEndpoints
{
    private const int NeighboursShown = 12;
    private const string Later = "it may be down or busy. Try again later; nothing of the picture was kept.";
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(30);

    // The token is checked by the reader of the form: the framework would read the whole body for it.
    public static void MapProbes(this IEndpointRouteBuilder routes) =>
        routes.MapPost(FindAddress.Path, CompareAsync).Needs(AccessRole.Read).DisableAntiforgery().WithMetadata(CheckedForm.Mark);

    /// <summary>The page that takes a picture.</summary>
    public static IResult Form(
        int statusCode, IOptions<MatcherOptions> options, string? problem = null, string? uri = null, string? searched = null) =>
        PageResults.Of<FindPage>(
            statusCode, new { MaxBytes = options.Value.MaxProbeBytes, Problem = problem, Uri = uri, Searched = searched });

    private static async Task<IResult> CompareAsync(
        HttpContext http, IProbeStore probes, ProbeUploads uploads, ModelStore models, ProbeRequests requests, ProbeMatcher matcher,
        PictureStore pictures, IOptions<MatcherOptions> options, CancellationToken cancellationToken)
    {
        var probeId = Guid.NewGuid();
        try
        {
            await probes.BeginAsync(probeId, cancellationToken);
            var sent = await uploads.ReadAsync(http, probeId, cancellationToken);
            if (sent is not ProbeSent.Given(var uri))
            {
                return sent is ProbeSent.Wrong wrong ? Refuse(http, options, wrong, null) : FormAnswers.Stale(http);
            }

            using var place = requests.TakePlace();
            if (!place.IsAcquired)
            {
                return Refuse(http, options, ProbeSent.Busy, uri);
            }

            if (await models.GetActiveAsync(cancellationToken) is null)
            {
                return Form(
                    StatusCodes.Status404NotFound, options, "No model is active yet: there is nothing to compare with.", uri);
            }

            return await AnswerAsync(
                http, await requests.AskAsync(probeId, uri, cancellationToken), uri, matcher, pictures, options, cancellationToken);
        }
        finally
        {
            await requests.EndAsync(probeId);
        }
    }

    private static IResult Refuse(HttpContext http, IOptions<MatcherOptions> options, ProbeSent.Wrong wrong, string? uri)
    {
        if (wrong.Status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "5";
        }

        return Form(wrong.Status, options, wrong.Text, uri);
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http, ProbeReply reply, string? uri, ProbeMatcher matcher, PictureStore pictures, IOptions<MatcherOptions> options,
        CancellationToken cancellationToken)
    {
        if (reply.Answer is not { } answer)
        {
            http.Response.Headers.RetryAfter = "30";
            return Form(
                StatusCodes.Status503ServiceUnavailable, options,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{reply.Silent} did not answer within {options.Value.MaxProbeWait.TotalSeconds:0.#} s: {Later}"), uri);
        }

        if (answer is { Reason: not null, MayRecover: true })
        {
            var seconds = Math.Max(1, (int)Math.Ceiling((answer.RetryAfter ?? DefaultPause).TotalSeconds));
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Form(
                StatusCodes.Status503ServiceUnavailable, options,
                string.Create(CultureInfo.InvariantCulture, $"{answer.Detail} Try again in {seconds} s, or upload the picture."), uri);
        }

        if (answer.Reason is not null)
        {
            return Form(StatusCodes.Status422UnprocessableEntity, options, $"Refused ({answer.Reason}): {answer.Detail}", uri);
        }

        return await matcher.MatchAsync(answer, NeighboursShown, cancellationToken) is { } result
            ? await PageAsync(http, result, answer, pictures, options.Value, cancellationToken)
            : Form(
                StatusCodes.Status503ServiceUnavailable, options,
                "Another model took over while the picture was compared. Send it again.", uri);
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
