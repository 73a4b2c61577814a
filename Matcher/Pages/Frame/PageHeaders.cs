namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>
/// Headers that every page carries: nothing but the pages' own files runs or loads in a browser, and no other site frames them. Answers
/// with a page when a value of the address cannot be read.
/// </summary>
internal sealed class PageHeaders : IEndpointFilter
{
    /// <summary>What a browser may load for a page.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        Set(context.HttpContext.Response.Headers);

        // The framework sets this status when it cannot read a value, calls the filters, and leaves out the endpoint.
        return context.HttpContext.Response.StatusCode == StatusCodes.Status400BadRequest
            ? ValueTask.FromResult<object?>(PageResults.Message(
                StatusCodes.Status400BadRequest, "This address cannot be read", "One of its values is not what this page takes."))
            : next(context);
    }

    /// <summary>Sets them.</summary>
    public static void Set(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";

        // Groups change, and an erased listing must not stay in a cache. The forms' tokens set the same, and warn of anything else.
        headers.CacheControl = "no-cache, no-store";
    }
}
