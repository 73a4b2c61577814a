using CpfPipeline.Hosting.Access.Callers;

namespace CpfPipeline.Ingest.Api;

/// <summary>Keys are bound to sources: nothing of another source is submitted, changed or retracted.</summary>
internal static class SourceRule
{
    /// <summary>The refusal when the caller may not submit to the source, or null.</summary>
    public static IResult? Refusal(HttpContext http, string? source) => Refusal(http, [source]);

    /// <summary>The refusal when the caller may not submit to one of the sources, or null. Nothing of the request is then done.</summary>
    public static IResult? Refusal(HttpContext http, IEnumerable<string?> sources)
    {
        var caller = Caller.Of(http);
        return sources.Select(source => source ?? "").FirstOrDefault(source => !caller.MaySubmitTo(source)) is { } other
            ? Results.Problem($"This key may not submit to the source {other}.", statusCode: StatusCodes.Status403Forbidden)
            : null;
    }
}
