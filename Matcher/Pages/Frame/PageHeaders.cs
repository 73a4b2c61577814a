namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>
/// Headers that every page carries: nothing but the pages' own files runs or loads in a browser, and no other site frames them.
/// </summary>
internal sealed class PageHeaders : IEndpointFilter
{
    /// <summary>What a browser may load for a page.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store"; // Groups change, and an erased listing must not stay in a cache.
        return next(context);
    }
}
