using System.Globalization;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads the review pages' forms, and answers them: a browser is led on, the script gets JSON.</summary>
internal static class ReviewForms
{
    /// <summary>The header with which the script signs its posts; it asks for JSON in answer.</summary>
    public const string Header = "X-Cpf-Form";

    /// <summary>An id of a content, a group or a row; null when it is none.</summary>
    public static long? Id(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>A place in the queue: the first for anything else.</summary>
    public static int Place(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;

    /// <summary>The page that asks for the reviewer's name and then leads on.</summary>
    public static IResult AskName(HttpContext http, string? to) => IsScript(http)
        ? Answer(http, StatusCodes.Status403Forbidden, "Tell your name first.", ReviewAddress.Name)
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
        ReviewOutcome.Reused => Answer(
            http, StatusCodes.Status409Conflict,
            "This form was taken before, with another answer, and that one stands. To change it, load the pair again and answer.", back,
            pair),
        ReviewOutcome.Repeated => Answer(http, StatusCodes.Status200OK, "This was taken before.", back),
        ReviewOutcome.Contradicts => IsScript(http)
            ? Answer(
                http, StatusCodes.Status409Conflict, "This contradicts verdicts that stand. It is in the list of contradictions.",
                ReviewAddress.Contradictions)
            : Results.Redirect(ReviewAddress.Contradictions),
        ReviewOutcome.Refused(var detail) => Answer(http, StatusCodes.Status409Conflict, detail, back),
        _ => Answer(http, StatusCodes.Status200OK, "Done.", back),
    };

    /// <summary>An answer to a form: a page or another address for a browser, JSON with an id for the next form for the script.</summary>
    /// <param name="http">The request.</param>
    /// <param name="status">Status code.</param>
    /// <param name="said">What happened, for a person.</param>
    /// <param name="to">Where to go on.</param>
    /// <param name="pair">The pair to show next, or null.</param>
    public static IResult Answer(HttpContext http, int status, string said, string to, (long A, long B)? pair = null)
    {
        if (IsScript(http))
        {
            return Results.Json(
                new
                {
                    Said = said, To = to, A = pair?.A.ToString(CultureInfo.InvariantCulture),
                    B = pair?.B.ToString(CultureInfo.InvariantCulture), Request = Guid.NewGuid(),
                }, statusCode: status);
        }

        return status == StatusCodes.Status200OK ? Results.Redirect(to) : PageResults.Message(status, "Nothing changed", said);
    }

    /// <summary>The answer to a form that the pages did not sign, or signed too long ago.</summary>
    public static IResult Stale(HttpContext http) => Answer(
        http, StatusCodes.Status400BadRequest, "This form is out of date: open the page again and send it then.", PageEntry.Overview);

    /// <summary>
    /// An answer to a form that did something which the next page does not show: a browser without script is told it first.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="title">Heading of the page that tells it.</param>
    /// <param name="said">What happened, for a person.</param>
    /// <param name="to">Where to go on.</param>
    /// <param name="pair">The pair to show next, or null.</param>
    public static IResult Tell(HttpContext http, string title, string said, string to, (long A, long B)? pair) => IsScript(http)
        ? Answer(http, StatusCodes.Status200OK, said, to, pair) : PageResults.Message(StatusCodes.Status200OK, title, said, to: to);

    private static bool IsScript(HttpContext http) => http.Request.Headers.ContainsKey(Header);
}
