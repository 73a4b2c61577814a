using System.Globalization;
using CpfPipeline.Matcher.Pages.Addresses;

namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>Answers to the pages' forms: a browser is led on, the script gets JSON.</summary>
internal static class FormAnswers
{
    /// <summary>The header with which the script signs its posts; it asks for JSON in answer.</summary>
    public const string Header = "X-Cpf-Form";

    /// <summary>Whether the script sent the form.</summary>
    public static bool IsScript(HttpContext http) => http.Request.Headers.ContainsKey(Header);

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
}
