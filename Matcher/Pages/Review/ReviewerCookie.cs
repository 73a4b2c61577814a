using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Matcher.Pictures;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>What a browser keeps of its reviewer: the name, asked once, and whether scores are shown before an answer.</summary>
internal static class ReviewerCookie
{
    public const string Name = "cpf-reviewer";
    public const string Score = "cpf-score";

    private static readonly TimeSpan Kept = TimeSpan.FromDays(365);

    /// <summary>
    /// The reviewer's name: who is signed in. Where several people share a key that may speak for others, the one who sits at the browser
    /// is asked for a name; null when that was not done yet.
    /// </summary>
    public static string? ReadName(HttpContext http) =>
        !Caller.Of(http).SpeaksForOthers ? Caller.Of(http).SpeaksFor(null)
        : http.Request.Cookies[Name]?.Trim() is { } name && Reviewer.Problem(name, null) is null ? name : null;

    /// <summary>Whether scores are shown before an answer.</summary>
    public static bool ShowsScore(HttpContext http) => http.Request.Cookies[Score] == "shown";

    public static void WriteName(HttpContext http, string name) => Write(http, Name, name);

    public static void WriteScore(HttpContext http, bool shown) => Write(http, Score, shown ? "shown" : "hidden");

    private static void Write(HttpContext http, string cookie, string value) => http.Response.Cookies.Append(
        cookie, value,
        new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, MaxAge = Kept, Path = "/" });
}
