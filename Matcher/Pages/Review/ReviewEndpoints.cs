using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary><c>/review</c>: pairs to answer, the one that teaches most first, and any two pictures.</summary>
internal static class ReviewEndpoints
{
    // The script shows the first at once and loads the pictures of the others.
    private const int AheadCount = 6;

    public static void MapReview(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PageEntry.Review, QueueAsync).Needs(AccessRole.Review);
        routes.MapGet(ReviewAddress.Pair, PairAsync).Needs(AccessRole.Review);
        routes.MapGet(ReviewAddress.Next, NextAsync).Needs(AccessRole.Review);
        routes.MapPost(ReviewAddress.Answer, AnswerAsync).Needs(AccessRole.Review);
        routes.MapPost(ReviewAddress.Undo, UndoAsync).Needs(AccessRole.Review);
        routes.MapGet(ReviewAddress.Name, ([FromQuery] string? to, HttpContext http) => ReviewForms.AskName(http, to))
            .Needs(AccessRole.Review);
        routes.MapPost(ReviewAddress.Name, Name).Needs(AccessRole.Review);
        routes.MapPost(ReviewAddress.Score, Score).Needs(AccessRole.Review);
    }

    private static async Task<IResult> QueueAsync(
        HttpContext http, ReviewDesk desk, CancellationToken cancellationToken, [FromQuery] string? at = null,
        [FromQuery] string? view = null, [FromQuery] string? top = null)
    {
        if (ReviewerCookie.ReadName(http) is not { } who)
        {
            return ReviewForms.AskName(http, null);
        }

        return await desk.ReadAsync(who, ReviewForms.Place(at), cancellationToken) is { } data
            ? PageResults.Of<ReviewPage>(new
            {
                Data = data with { View = ReviewView.Of(view), OtherOnTop = top == "b", ShowsScore = ReviewerCookie.ShowsScore(http) },
            })
            : NoModel();
    }

    private static async Task<IResult> PairAsync(
        HttpContext http, ReviewDesk desk, CancellationToken cancellationToken, [FromQuery] string? a = null, [FromQuery] string? b = null,
        [FromQuery] string? view = null, [FromQuery] string? top = null)
    {
        if (ReviewerCookie.ReadName(http) is not { } who)
        {
            return ReviewForms.AskName(http, null);
        }

        if (ReviewForms.Id(a) is not { } first || ReviewForms.Id(b) is not { } second || first == second)
        {
            return PageResults.Message(
                StatusCodes.Status400BadRequest, "Which two pictures?", "The address must name two pictures, a and b.");
        }

        return await desk.ReadPairAsync(who, first, second, cancellationToken) switch
        {
            null => NoModel(),
            { Pair: null } => PageResults.Message(
                StatusCodes.Status404NotFound, "No such pair", "One of the two pictures is not stored, or not any more."),
            var data => PageResults.Of<ReviewPage>(new
            {
                Data = data with { View = ReviewView.Of(view), OtherOnTop = top == "b", ShowsScore = ReviewerCookie.ShowsScore(http) },
            }),
        };
    }

    // A part of a page, for the script: the pairs from a place of the queue on, or two pictures.
    private static async Task<IResult> NextAsync(
        HttpContext http, ReviewDesk desk, CancellationToken cancellationToken, [FromQuery] string? at = null, [FromQuery] string? a = null,
        [FromQuery] string? b = null)
    {
        if (ReviewerCookie.ReadName(http) is not { } who)
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var ahead = ReviewForms.Id(a) is { } first && ReviewForms.Id(b) is { } second
            ? await desk.ReadAheadAsync(who, (first, second), cancellationToken)
            : await desk.ReadAheadAsync(who, ReviewForms.Place(at), AheadCount, cancellationToken);
        return ahead is null
            ? NoModel() : PageResults.Of<PairCards>(new { Ahead = ahead, ShowsScore = ReviewerCookie.ShowsScore(http) });
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext http, IFormCollection form, ReviewIntake intake, ReviewDesk desk, CancellationToken cancellationToken)
    {
        if (ReviewerCookie.ReadName(http) is not { } who)
        {
            return ReviewForms.AskName(http, PageEntry.Review);
        }

        if (ReviewForms.Id(form["a"]) is not { } a || ReviewForms.Id(form["b"]) is not { } b
            || !Guid.TryParse(form["request"].ToString(), out var request))
        {
            return FormAnswers.Answer(http, StatusCodes.Status400BadRequest, "The form is not complete.", PageEntry.Review);
        }

        var standing = form["standing"] is [{ Length: > 0 } seen] ? seen : null;
        var outcome = await intake.AnswerAsync(
            new ReviewAnswer(request, a, b, form["word"], standing, who) { By = Caller.Of(http).Actor }, cancellationToken);
        var (view, top) = (ReviewView.Of(form["view"]), form["top"] == "b");
        var back = form["at"] is [{ Length: > 0 } at] ? ReviewAddress.Queue(ReviewForms.Place(at), view, top)
            : ReviewAddress.Of(a, b, view, top);
        return outcome is ReviewOutcome.Done
            ? FormAnswers.Answer(http, StatusCodes.Status200OK, await desk.ReadSaidAsync(who, cancellationToken), back)
            : ReviewForms.Of(http, outcome, back, (a, b));
    }

    private static async Task<IResult> UndoAsync(
        HttpContext http, IFormCollection form, ReviewIntake intake, ReviewDesk desk, CancellationToken cancellationToken)
    {
        if (ReviewerCookie.ReadName(http) is not { } who)
        {
            return ReviewForms.AskName(http, PageEntry.Review);
        }

        if (!Guid.TryParse(form["request"].ToString(), out var request))
        {
            return FormAnswers.Answer(http, StatusCodes.Status400BadRequest, "The form is not complete.", PageEntry.Review);
        }

        if (Guid.TryParse(form["form"].ToString(), out var undone))
        {
            var back = form["to"].ToString() is var to && ReviewAddress.IsLocal(to) ? to : PageEntry.Review;
            return ReviewForms.Of(
                http, await intake.UndoFormAsync(request, new Speaker(who, Caller.Of(http).Actor), undone, cancellationToken), back);
        }

        var seq = ReviewForms.Id(form["seq"]);
        var outcome = await intake.UndoAsync(request, new Speaker(who, Caller.Of(http).Actor), seq, cancellationToken);
        if (outcome is not ReviewOutcome.Done { Undone: { Form: { } taken } choice })
        {
            return ReviewForms.Of(http, outcome, seq is null ? PageEntry.Review : ReviewAddress.History);
        }

        // The pair's page shows what was taken back. Anything else is told in words.
        var said = await desk.ReadUndoneAsync(choice, cancellationToken);
        var next = taken.Pair is var (a, b) ? ReviewAddress.Of(a, b) : PageEntry.Review;
        return taken.Pair is not null && choice.PassedOver.Count == 0
            ? FormAnswers.Answer(http, StatusCodes.Status200OK, said, next, taken.Pair)
            : FormAnswers.Tell(http, "Taken back", said, next, taken.Pair);
    }

    private static IResult Name(HttpContext http, IFormCollection form)
    {
        var name = form["who"].ToString().Trim();
        var to = form["to"].ToString();
        if (Reviewer.Problem(name, null) is not null)
        {
            return ReviewForms.AskName(http, to);
        }

        ReviewerCookie.WriteName(http, name);
        return Results.Redirect(ReviewAddress.IsLocal(to) ? to : PageEntry.Review);
    }

    private static IResult Score(HttpContext http, IFormCollection form)
    {
        ReviewerCookie.WriteScore(http, form["score"] == "shown");
        var to = form["to"].ToString();
        return Results.Redirect(ReviewAddress.IsLocal(to) ? to : PageEntry.Review);
    }

    private static IResult NoModel() => PageResults.Message(
        StatusCodes.Status404NotFound, "No pairs yet", "No model is active yet. Pairs appear when the first model is ready.");
}
