using CpfPipeline.Hosting.Access.Answers;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Api;

/// <summary>
/// Keys are bound to sources: nothing of another source is submitted, changed or retracted, and who may not read sees their own sources
/// only. What is refused is audited.
/// </summary>
internal static class SourceRule
{
    /// <summary>The refusal when the caller may not submit to the source, or null.</summary>
    public static IResult? Refusal(HttpContext http, string? source) => Refusal(http, [source]);

    /// <summary>The refusal when the caller may not submit to one of the sources, or null. Nothing of the request is then done.</summary>
    public static IResult? Refusal(HttpContext http, IEnumerable<string?> sources)
    {
        var caller = Caller.Of(http);
        return sources.Select(source => source ?? "").FirstOrDefault(source => !caller.MaySubmitTo(source)) is { } other
            ? Forbidden($"This key may not submit to the source {other}.", $"source {other}")
            : null;
    }

    /// <summary>
    /// The refusal when the caller may not have one of the addresses fetched, or null. Files of the machine and objects of its buckets may
    /// show what other sources keep there.
    /// </summary>
    public static IResult? AddressRefusal(HttpContext http, IEnumerable<string?> addresses) =>
        Caller.Of(http).Has(AccessRole.Operate) || !addresses.Any(a => a is not null && (ImageUri.IsFile(a) || S3Address.IsS3(a))) ? null
        : Forbidden($"An address that begins with file: or s3: also needs the role {AccessRole.Operate}.", "an address file: or s3:");

    /// <summary>The refusal when one of the product keys claims to hold for all sources and the caller may not say so, or null.</summary>
    /// <param name="http">The request.</param>
    /// <param name="keyScopes">Scopes of the product keys.</param>
    public static IResult? KeyRefusal(HttpContext http, IEnumerable<string?> keyScopes) =>
        Caller.Of(http).GivesGlobalKeys || !keyScopes.Contains(ProductKeyScope.Global) ? null
        : Forbidden(
            "This key may not say global product keys. Leave key_scope out: then the product key counts for its source.",
            "a global product key");

    /// <summary>Whether the caller may look at what a source submitted.</summary>
    public static bool MaySee(HttpContext http, string source) => Caller.Of(http).Sees is not { } sources || sources.Contains(source);

    /// <summary>The answer to who asks for something of another source by its number or name: they are not told that it is there.</summary>
    public static IResult Hidden(string detail, string source) =>
        new AuditedRefusal(StatusCodes.Status404NotFound, detail, $"source {source}");

    /// <summary>A refusal that is told and audited.</summary>
    public static IResult Forbidden(string detail, string why) => new AuditedRefusal(StatusCodes.Status403Forbidden, detail, why);
}
