using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Vocabulary;

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

    /// <summary>
    /// The refusal when the caller may not have one of the addresses fetched, or null. Files of the machine and objects of its buckets may
    /// show what other sources keep there.
    /// </summary>
    public static IResult? AddressRefusal(HttpContext http, IEnumerable<string?> addresses) =>
        Caller.Of(http).Has(AccessRole.Operate) || !addresses.Any(a => a is not null && (ImageUri.IsFile(a) || S3Address.IsS3(a))) ? null
        : Results.Problem(
            $"An address that begins with file: or s3: also needs the role {AccessRole.Operate}.",
            statusCode: StatusCodes.Status403Forbidden);
}
