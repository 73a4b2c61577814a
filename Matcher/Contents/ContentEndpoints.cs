using System.Globalization;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace CpfPipeline.Matcher.Contents;

/// <summary><c>/contents</c>: pictures for people.</summary>
internal static class ContentEndpoints
{
    private const string WebP = "image/webp";

    // An erased picture may stay in a browser's cache for this long, and no longer: afterwards the browser asks again and is told 404.
    private const int CacheSeconds = 60;

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapContents(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(ContentAddress.Contents + "/{contentId:long}/thumbnail", Methods, ThumbnailAsync)
            .Needs(AccessRole.Read)
            .WithSummary(
                "A picture as WebP of at most size (320 or 960) pixels on its longer side, made when first asked for. 503 with Retry-After "
                + "when that takes too long.")
            .Produces<Stream>(StatusCodes.Status200OK, WebP)
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        routes.MapMethods(ContentAddress.Contents + "/{contentId:long}/picture", Methods, PictureAsync)
            .Needs(AccessRole.Read)
            .WithSummary("A picture as it is stored when browsers show its format (JPEG, PNG, WebP, GIF, AVIF), else as WebP.")
            .Produces<Stream>(StatusCodes.Status200OK, WebP, "image/jpeg", "image/png", "image/gif", "image/avif")
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ThumbnailAsync(
        long contentId, ShownContentStore contents, RenditionRequests renditions, HttpResponse response,
        CancellationToken cancellationToken, [FromQuery] int size = 320)
    {
        if (await contents.FindAsync(contentId, cancellationToken) is not { } content)
        {
            return NotFound(response, contentId);
        }

        return content.Thumbnail(size) is { } rendition
            ? await RenderedAsync(content, rendition, contents, renditions, response, cancellationToken)
            : Problem(response, $"size must be 320 or 960, not {size}.", StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> PictureAsync(
        long contentId, ShownContentStore contents, RenditionRequests renditions, IBlobStore blobs, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (await contents.FindAsync(contentId, cancellationToken) is not { } content)
        {
            return NotFound(response, contentId);
        }

        if (content.BrowserType is not { } type)
        {
            return await RenderedAsync(content, Rendition.Picture, contents, renditions, response, cancellationToken);
        }

        return await blobs.OpenAsync(content.Sha256, null, cancellationToken) is { } bytes
            ? File(response, bytes, type, Convert.ToHexStringLower(content.Sha256))
            : NotFound(response, contentId); // Erased or collected since it was looked up.
    }

    private static async Task<IResult> RenderedAsync(
        ShownContent content, string rendition, ShownContentStore contents, RenditionRequests renditions, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (await renditions.OpenAsync(content, rendition, cancellationToken) is { } made)
        {
            return File(response, made, WebP, $"{Convert.ToHexStringLower(content.Sha256)}-{rendition}");
        }

        if (await contents.FindAsync(content.ContentId, cancellationToken) is null)
        {
            return NotFound(response, content.ContentId); // Erased meanwhile.
        }

        response.Headers.RetryAfter = RenditionRequests.Rest.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return Problem(
            response, "The picture is not made yet: the Embedder did not answer in time.", StatusCodes.Status503ServiceUnavailable);
    }

    // The bytes are a stranger's. No browser may take them for anything but a picture, nor let them run or load anything.
    private static IResult File(HttpResponse response, Stream bytes, string type, string tag)
    {
        response.Headers.CacheControl = $"private, max-age={CacheSeconds}, must-revalidate";
        response.Headers.ContentDisposition = "inline";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(bytes, type, entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static IResult NotFound(HttpResponse response, long contentId) =>
        Problem(response, $"There is no picture of a content {contentId}.", StatusCodes.Status404NotFound);

    private static IResult Problem(HttpResponse response, string detail, int status)
    {
        response.Headers.CacheControl = "no-store";
        return TypedResults.Problem(detail, statusCode: status);
    }
}
