using System.Globalization;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads the review pages' forms, and says what became of them.</summary>
internal static class ReviewForms
{
    /// <summary>An id of a content, a group or a row; null when it is none.</summary>
    public static long? Id(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>A place in the queue: the first for anything else.</summary>
    public static int Place(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;

    /// <summary>The page that asks for the reviewer's name and then leads on.</summary>
    public static IResult AskName(HttpContext http, string? to) => FormAnswers.IsScript(http)
        ? FormAnswers.Answer(http, StatusCodes.Status403Forbidden, "Tell your name first.", ReviewAddress.Name)
        : !Caller.Of(http).SpeaksForOthers ? PageResults.Message(
            StatusCodes.Status200OK, "Your name is known", $"You are signed in as {Caller.Of(http).Name}; your verdicts carry this name.",
            to: PageEntry.Review)
        : PageResults.Of<NamePage>(new
        {
            To = ReviewAddress.IsLocal(to) ? to : http.Request.Method == HttpMethods.Get && http.Request.Path != ReviewAddress.Name
                ? http.Request.Path + http.Request.QueryString : PageEntry.Review,
            Name = ReviewerCookie.ReadName(http),
        });

    /// <summary>What became of a request that was not done.</summary>
    /// <param name="http">The request.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="back">Where to go on.</param>
    /// <param name="pair">The pair that it was about, or null: the script asks again when another word of the same form stands.</param>
    public static IResult Of(HttpContext http, ReviewOutcome outcome, string back, (long A, long B)? pair = null) => outcome switch
    {
        ReviewOutcome.Reused => FormAnswers.Answer(
            http, StatusCodes.Status409Conflict,
            "This form was taken before, with another answer, and that one stands. To change it, load the pair again and answer.", back,
            pair),
        ReviewOutcome.Repeated => FormAnswers.Answer(http, StatusCodes.Status200OK, "This was taken before.", back),
        ReviewOutcome.Contradicts => FormAnswers.IsScript(http)
            ? FormAnswers.Answer(
                http, StatusCodes.Status409Conflict, "This contradicts verdicts that stand. It is in the list of contradictions.",
                ReviewAddress.Contradictions)
            : Results.Redirect(ReviewAddress.Contradictions),
        ReviewOutcome.Refused(var detail) => FormAnswers.Answer(http, StatusCodes.Status409Conflict, detail, back),
        _ => FormAnswers.Answer(http, StatusCodes.Status200OK, "Done.", back),
    };
}
