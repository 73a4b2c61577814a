using Microsoft.AspNetCore.Http.Features;

namespace CpfPipeline.Ingest;

/// <summary>The image named by <c>/images/{source}/{externalId}</c>.</summary>
internal static class ImageRoute
{
    private const string Prefix = "/images/";

    /// <summary>
    /// Source and external id, each decoded once. They are taken from the raw target, because the server leaves <c>%2F</c> in paths as it
    /// is
    /// and external ids may hold slashes either way.
    /// </summary>
    public static (string Source, string ExternalId)? Read(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', 2)[0];
        var start = path.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        var parts = path[(start + Prefix.Length)..].Split('/', 2);
        return parts is [{ Length: > 0 } source, { Length: > 0 } externalId]
            ? (Uri.UnescapeDataString(source), Uri.UnescapeDataString(externalId))
            : null;
    }
}
