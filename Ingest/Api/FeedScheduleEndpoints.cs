using System.Text.RegularExpressions;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Ingest.Schedules;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>/feed-schedules</c>: feeds that are handed in again and again.</summary>
internal static partial class FeedScheduleEndpoints
{
    private const string NoSuch = "No such schedule.";

    public static void Map(WebApplication app)
    {
        var schedules = app.MapGroup("/feed-schedules").WithTags("Feed schedules");
        schedules.MapGet("", ListAsync).NeedsReadOrSubmit()
            .WithName("ListFeedSchedules").WithSummary("All schedules of feeds, by name.")
            .Produces<FeedScheduleAnswer[]>();
        schedules.MapGet("{name}", FindAsync).NeedsReadOrSubmit()
            .WithName("FindFeedSchedule").WithSummary("A schedule: when it runs, and how its last feed ended.")
            .Produces<FeedScheduleAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        schedules.MapPut("{name}", PutAsync).Needs(AccessRole.Submit)
            .WithName("PutFeedSchedule").WithSummary("Make or replace a schedule.")
            .Produces<FeedScheduleAnswer>().Produces<FeedScheduleAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter<IntakePlaceFilter>();
        schedules.MapDelete("{name}", DeleteAsync).Needs(AccessRole.Submit)
            .WithName("DeleteFeedSchedule").WithSummary("Remove a schedule; the feeds that it handed in stay.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        schedules.MapPost("{name}/run", RunAsync).Needs(AccessRole.Submit)
            .WithName("RunFeedSchedule").WithSummary("Hand in a schedule's feed now.")
            .Produces<FeedAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter<IntakePlaceFilter>();
    }

    private static async Task<IResult> ListAsync(HttpContext http, FeedScheduleStore store, CancellationToken cancellationToken) =>
        Results.Json((await store.ListAsync(Caller.Of(http).Sees, cancellationToken)).Select(s => Answer(http, s)).ToArray());

    private static async Task<IResult> FindAsync(
        string name, HttpContext http, FeedScheduleStore store, [FromQuery] string? source, CancellationToken cancellationToken) =>
        await OneAsync(name, source, http, store, SourceRule.MaySee, cancellationToken) switch
        {
            ({ } schedule, _) => Results.Json(Answer(http, schedule)),
            (_, var refusal) => refusal!,
        };

    private static async Task<IResult> PutAsync(
        string name, HttpContext http, FeedScheduleRequest request, FeedScheduleStore store, IEnumerable<IFeedReader> readers,
        TimeProvider time, IOptions<IngestOptions> options, CancellationToken cancellationToken)
    {
        if (FeedEndpoints.Refusal(http, request) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        var (times, badTimes) = FeedTimes.Parse(request.Cron, string.IsNullOrEmpty(request.TimeZone) ? "UTC" : request.TimeZone);
        var (feed, badFeed) = FeedRequestRule.Check(request, [.. readers.Select(r => r.Format)], now.ToUnixTimeMilliseconds());
        var problem = !Name().IsMatch(name) ? "The name must have 1 to 100 letters, digits, dots, hyphens or underscores."
            : badTimes ?? badFeed
            ?? (times!.Next(now) is null ? "cron: there is no such day." : null)
            ?? (request.Refetch ? "refetch goes with a single feed." : null);
        if (problem is not null)
        {
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        }

        // Each may hand in a feed of its own at the same time, so that their number is limited like that of feeds.
        if (await store.CountOthersAsync(feed!.Source, name, cancellationToken) >= options.Value.MaxUnfinishedFeeds)
        {
            return Results.Problem(
                $"This source has {options.Value.MaxUnfinishedFeeds} schedules already: remove one, or replace one.",
                statusCode: StatusCodes.Status409Conflict);
        }

        var isEnabled = request.Enabled ?? true;
        var isNew = await store.PutAsync(
            new FeedSchedule
            {
                Name = name, Times = times!, Enabled = isEnabled, Feed = FeedEndpoints.WithRightsOf(http, feed), CreatedAt = now,
                UpdatedAt = now, NextRunAt = isEnabled ? times!.Next(now) : null, KeyId = Caller.Of(http).KeyId,
                PutBy = Caller.Of(http).Subject,
            },
            cancellationToken);
        return (await store.FindAsync(name, cancellationToken)).SingleOrDefault(s => s.Feed.Source == feed.Source) is not { } schedule
            ? Unknown()
            : Results.Json(Answer(http, schedule), statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(
        string name, HttpContext http, FeedScheduleStore store, [FromQuery] string? source, CancellationToken cancellationToken) =>
        await OneAsync(name, source, http, store, MaySubmitTo, cancellationToken) switch
        {
            ({ } schedule, _) => await store.DeleteAsync(schedule.Feed.Source, name, cancellationToken)
                ? Results.NoContent() : Unknown(),
            (_, var refusal) => refusal!,
        };

    private static async Task<IResult> RunAsync(
        string name, HttpContext http, FeedScheduleStore store, FeedStore feeds, TimeProvider time, IOptions<IngestOptions> options,
        [FromQuery] string? source, CancellationToken cancellationToken)
    {
        var (schedule, refusal) = await OneAsync(name, source, http, store, MaySubmitTo, cancellationToken);
        return schedule is null ? refusal!
            : schedule.HasEnded ? Ended(name)
            : await feeds.CountUnfinishedAsync(schedule.Feed.Source, cancellationToken) >= options.Value.MaxUnfinishedFeeds
                ? FeedEndpoints.TooMany(http, options.Value)
            : await store.RunAsync(schedule.Feed.Source, name, time.GetUtcNow(), evenIfNotDue: true, cancellationToken) is { } feedId
                ? Results.Accepted($"/feeds/{feedId}", new FeedAccepted(feedId))
            : Results.Problem("Its last feed has not ended yet.", statusCode: StatusCodes.Status409Conflict);
    }

    // Each source has names of its own, so that nobody takes one from another. Whose a name is, is nobody else's business.
    private static async Task<(FeedSchedule? Schedule, IResult? Refusal)> OneAsync(
        string name, string? source, HttpContext http, FeedScheduleStore store, Func<HttpContext, string, bool> may,
        CancellationToken cancellationToken)
    {
        var named = (await store.FindAsync(name, cancellationToken)).Where(s => source is null || s.Feed.Source == source).ToList();
        var open = named.FindAll(s => may(http, s.Feed.Source));
        return open switch
        {
            [var one] => (one, null),
            [] => (null, named is [var hidden, ..] ? SourceRule.Hidden(NoSuch, hidden.Feed.Source) : Unknown()),
            _ => (null, Results.Problem(
                $"Several sources have this schedule. Say which by ?source=: {string.Join(" or ", open.Select(s => s.Feed.Source))}.",
                statusCode: StatusCodes.Status409Conflict)),
        };
    }

    // What its feed may do are the rights of whoever put it.
    private static IResult Ended(string name) => Results.Problem(
        $"The schedule {name} does not run: the key that put it has ended or may no longer do this, or no key put it, and that is too long "
        + "ago. Put the schedule again.",
        statusCode: StatusCodes.Status409Conflict);

    private static bool MaySubmitTo(HttpContext http, string source) => Caller.Of(http).MaySubmitTo(source);

    private static FeedScheduleAnswer Answer(HttpContext http, FeedSchedule schedule)
    {
        var answer = FeedScheduleAnswer.Of(schedule);
        return Caller.Of(http).Has(AccessRole.Operate) ? answer : answer.WithoutPaths();
    }

    private static IResult Unknown() => Results.Problem(NoSuch, statusCode: StatusCodes.Status404NotFound);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex Name();
}
