using CpfPipeline.Data.Feeds;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>/feeds</c>: hand in, watch, cancel.</summary>
internal static class FeedEndpoints
{
    private const int MaxShownRejections = 10_000;
    private const int DefaultListed = 20;
    private const int MaxListed = 1000;
    private const string Unknown = "No such feed.";

    public static void Map(WebApplication app)
    {
        var feeds = app.MapGroup("/feeds").WithTags("Feeds");
        feeds.MapPost("", AddAsync).Needs(AccessRole.Submit)
            .WithName("AddFeed").WithSummary("Have a folder or file of this machine, or a URL, read as a feed.")
            .Produces<FeedAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter<IntakePlaceFilter>();
        feeds.MapGet("", ListAsync).NeedsReadOrSubmit()
            .WithName("ListFeeds").WithSummary("The newest feeds, newest first; by source or state if wanted.")
            .Produces<FeedAnswer[]>();
        feeds.MapGet("{feedId:long}", FindAsync).NeedsReadOrSubmit()
            .WithName("FindFeed").WithSummary("Progress of a feed by rows and bytes, and its rejected rows, behind after_row.")
            .Produces<FeedAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        feeds.MapPost("{feedId:long}/cancel", CancelAsync).Needs(AccessRole.Submit)
            .WithName("CancelFeed").WithSummary("Stop a feed; what it has applied stays.")
            .Produces<FeedAnswer>().ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AddAsync(
        HttpContext http, FeedRequest request, FeedStore store, IEnumerable<IFeedReader> readers, TimeProvider time,
        IOptions<IngestOptions> options, CancellationToken cancellationToken)
    {
        if (Refusal(http, request) is { } refusal)
        {
            return refusal;
        }

        var revision = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (feed, problem) = FeedRequestRule.Check(request, [.. readers.Select(r => r.Format)], revision);
        if (feed is null)
        {
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        }

        // Feeds of a source are read one after another: more than these only fill the table.
        if (await store.CountUnfinishedAsync(feed.Source, cancellationToken) >= options.Value.MaxUnfinishedFeeds)
        {
            return TooMany(http, options.Value);
        }

        var feedId = await store.AddAsync(WithRightsOf(http, feed), cancellationToken);
        return Results.Accepted($"/feeds/{feedId}", new FeedAccepted(feedId));
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, FeedStore store, [FromQuery] string? source, [FromQuery] string? state, [FromQuery] int? limit,
        CancellationToken cancellationToken)
    {
        var feeds = await store.ListAsync(
            source, state, Math.Clamp(limit ?? DefaultListed, 1, MaxListed), cancellationToken, Caller.Of(http).Sees);
        return Results.Json(feeds.Select(feed => Answer(http, feed)).ToArray());
    }

    private static async Task<IResult> FindAsync(
        long feedId, HttpContext http, FeedStore store, [FromQuery] int? rejections, [FromQuery(Name = "after_row")] long? afterRow,
        CancellationToken cancellationToken)
    {
        if (await store.FindAsync(feedId, cancellationToken) is not { } feed)
        {
            return Results.Problem(Unknown, statusCode: StatusCodes.Status404NotFound);
        }

        if (!SourceRule.MaySee(http, feed.Source))
        {
            return SourceRule.Hidden(Unknown, feed.Source);
        }

        var limit = Math.Clamp(rejections ?? 0, 0, MaxShownRejections);
        return Results.Json(Answer(
            http, feed, limit == 0 ? [] : await store.ListRejectionsAsync(feedId, limit, cancellationToken, afterRow ?? 0)));
    }

    private static async Task<IResult> CancelAsync(long feedId, HttpContext http, FeedStore store, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(feedId, cancellationToken) is not { } known)
        {
            return Results.Problem(Unknown, statusCode: StatusCodes.Status404NotFound);
        }

        // Who may not cancel it is not told that it is there, and whose it is.
        if (!Caller.Of(http).MaySubmitTo(known.Source))
        {
            return SourceRule.Hidden(Unknown, known.Source);
        }

        var cancelled = await store.EndAsync(feedId, FeedState.Cancelled, "Cancelled on request.", cancellationToken);
        return await store.FindAsync(feedId, cancellationToken) is not { } feed
            ? Results.Problem(Unknown, statusCode: StatusCodes.Status404NotFound)
            : cancelled ? Results.Json(Answer(http, feed))
            : Results.Problem($"The feed is {feed.State} already.", statusCode: StatusCodes.Status409Conflict);
    }

    /// <summary>
    /// The refusal when the caller may not hand in a feed, or null. A path is a file of the machine that the service runs on: it may show
    /// what nobody meant to submit.
    /// </summary>
    internal static IResult? Refusal(HttpContext http, FeedRequest request) =>
        SourceRule.Refusal(http, request.Source ?? "")
        ?? (string.IsNullOrEmpty(request.Path) || Caller.Of(http).Has(AccessRole.Operate) ? null : SourceRule.Forbidden(
            $"A feed by path also needs the role {AccessRole.Operate}.", "a feed by path"));

    /// <summary>The answer when as many feeds of a source wait as may.</summary>
    internal static IResult TooMany(HttpContext http, IngestOptions options)
    {
        http.Response.Headers.RetryAfter = "60";
        return Results.Problem(
            $"{options.MaxUnfinishedFeeds} feeds of this source have not ended yet.", statusCode: StatusCodes.Status429TooManyRequests);
    }

    /// <summary>The feed with what its rows may say: what the caller may.</summary>
    internal static NewFeed WithRightsOf(HttpContext http, NewFeed feed)
    {
        var caller = Caller.Of(http);
        return feed with { GlobalKeys = caller.GivesGlobalKeys, ReadsFiles = caller.Has(AccessRole.Operate) };
    }

    private static FeedAnswer Answer(HttpContext http, Feed feed, IReadOnlyList<FeedRejection>? rejections = null)
    {
        var answer = FeedAnswer.Of(feed, rejections ?? []);
        return Caller.Of(http).Has(AccessRole.Operate) ? answer : answer.WithoutPaths();
    }
}
