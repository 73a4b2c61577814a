using CpfPipeline.Data.Feeds;
using CpfPipeline.Hosting.Operators;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>/feeds</c>: hand in, watch, cancel.</summary>
internal static class FeedEndpoints
{
    private const int MaxShownRejections = 10_000;
    private const int DefaultListed = 20;
    private const int MaxListed = 1000;

    public static void Map(WebApplication app)
    {
        var feeds = app.MapGroup("/feeds").WithTags("Feeds");
        feeds.MapPost("", AddAsync)
            .WithName("AddFeed").WithSummary("Have a folder or file of this machine read as a feed (operator only).")
            .AddEndpointFilter<OperatorFilter>()
            .Produces<FeedAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        feeds.MapGet("", ListAsync)
            .WithName("ListFeeds").WithSummary("The newest feeds, newest first; by source or state if wanted.")
            .Produces<FeedAnswer[]>();
        feeds.MapGet("{feedId:long}", FindAsync)
            .WithName("FindFeed").WithSummary("Progress of a feed, and its first rejected rows.")
            .Produces<FeedAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        feeds.MapPost("{feedId:long}/cancel", CancelAsync)
            .WithName("CancelFeed").WithSummary("Stop a feed; what it has applied stays (operator only).")
            .AddEndpointFilter<OperatorFilter>()
            .Produces<FeedAnswer>().ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AddAsync(
        FeedRequest request, FeedStore store, IEnumerable<IFeedReader> readers, TimeProvider time, CancellationToken cancellationToken)
    {
        var problem = SubmissionRule.IdentityProblem(request.Source, "x")
            ?? PathProblem("path", request.Path)
            ?? (string.IsNullOrEmpty(request.Keys) ? null : PathProblem("keys", request.Keys));
        if (problem is not null)
        {
            return Bad(problem);
        }

        if (request.MaxRetract is < 0 or > 1)
        {
            return Bad("max_retract must lie between 0 and 1.");
        }

        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Path!));
        var format = string.IsNullOrEmpty(request.Format) ? FeedPath.DetectFormat(path) : request.Format;
        if (format is null || readers.All(r => r.Format != format))
        {
            return Bad(
                $"The format {format ?? "of the path"} is not known; give one of {string.Join(", ", readers.Select(r => r.Format))}.");
        }

        if (!Path.Exists(path))
        {
            return Bad($"There is no {path}.");
        }

        if (format == "folder" != Directory.Exists(path))
        {
            return Bad(format == "folder" ? $"{path} is not a folder." : $"{path} is a folder; a {format} feed is a file.");
        }

        var keys = string.IsNullOrEmpty(request.Keys) ? null : Path.GetFullPath(request.Keys);
        if (keys is not null && (format != "folder" || !File.Exists(keys)))
        {
            return Bad(format != "folder" ? "keys go with a folder; other feeds carry their product keys." : $"There is no file {keys}.");
        }

        var feedId = await store.AddAsync(
            new NewFeed(
                request.Source!, path, format, keys, request.Snapshot, time.GetUtcNow().ToUnixTimeMilliseconds(), request.MaxRetract),
            cancellationToken);
        return Results.Accepted($"/feeds/{feedId}", new FeedAccepted(feedId));
    }

    private static async Task<IResult> ListAsync(
        FeedStore store, [FromQuery] string? source, [FromQuery] string? state, [FromQuery] int? limit, CancellationToken cancellationToken)
    {
        var feeds = await store.ListAsync(source, state, Math.Clamp(limit ?? DefaultListed, 1, MaxListed), cancellationToken);
        return Results.Json(feeds.Select(feed => FeedAnswer.Of(feed, [])).ToArray());
    }

    private static async Task<IResult> FindAsync(
        long feedId, FeedStore store, [FromQuery] int? rejections, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(feedId, cancellationToken) is not { } feed)
        {
            return Results.Problem("No such feed.", statusCode: StatusCodes.Status404NotFound);
        }

        var limit = Math.Clamp(rejections ?? 0, 0, MaxShownRejections);
        return Results.Json(FeedAnswer.Of(feed, limit == 0 ? [] : await store.ListRejectionsAsync(feedId, limit, cancellationToken)));
    }

    private static async Task<IResult> CancelAsync(long feedId, FeedStore store, CancellationToken cancellationToken)
    {
        var cancelled = await store.EndAsync(feedId, FeedState.Cancelled, "Cancelled on request.", cancellationToken);
        return await store.FindAsync(feedId, cancellationToken) is not { } feed
            ? Results.Problem("No such feed.", statusCode: StatusCodes.Status404NotFound)
            : cancelled ? Results.Json(FeedAnswer.Of(feed, []))
            : Results.Problem($"The feed is {feed.State} already.", statusCode: StatusCodes.Status409Conflict);
    }

    private static string? PathProblem(string field, string? path) =>
        string.IsNullOrEmpty(path) ? $"{field} is missing."
        : !Path.IsPathFullyQualified(path) || path.Contains('\0') ? $"{field} must be a full path."
        : null;

    private static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}
