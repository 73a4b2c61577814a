using CpfPipeline.Ingest.Submissions;
using Microsoft.AspNetCore.Http.Features;

namespace CpfPipeline.Ingest.Api;

/// <summary>The image named by <c>/images/{source}/{externalId}</c>, or by the query <c>source</c> and <c>external_id</c>.</summary>
internal static class ImageRoute
{
    private const string Prefix = "/images/";
    private const string Placeholder = "dots";

    /// <summary>
    /// Source and external id, each decoded once. They are taken from the raw target: the server leaves <c>%2F</c> in paths as it is, and
    /// external ids may hold slashes either way. Null when no image is named, or when the name is not valid.
    /// </summary>
    public static (string Source, string ExternalId)? Read(HttpContext http) =>
        Named(http) is { } image && SubmissionRule.IdentityProblem(image.Source, image.ExternalId) is null ? image : null;

    private static (string Source, string ExternalId)? Named(HttpContext http)
    {
        if (Parts(http) is [{ Length: > 0 } source, { Length: > 0 } externalId])
        {
            return (Uri.UnescapeDataString(source), Uri.UnescapeDataString(externalId));
        }

        var query = http.Request.Query;
        return query["source"].FirstOrDefault() is { Length: > 0 } asked && query["external_id"].FirstOrDefault() is { Length: > 0 } id
            ? (asked, id)
            : null;
    }

    /// <summary>Keeps routes from losing ids such as <c>..</c>, which the server takes for a step up in the path.</summary>
    public static Task KeepDots(HttpContext http, RequestDelegate next)
    {
        if (Parts(http) is [{ Length: > 0 }, { Length: > 0 } externalId]
            && Uri.UnescapeDataString(externalId).Split('/').Any(segment => segment is "." or ".."))
        {
            http.Request.Path = $"{Prefix}{Placeholder}/{Placeholder}";
        }

        return next(http);
    }

    private static string[] Parts(HttpContext http)
    {
        var path = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2)[0];
        var start = path.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? [] : path[(start + Prefix.Length)..].Split('/', 2);
    }
}
