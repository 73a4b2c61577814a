using System.Text.RegularExpressions;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Schedules;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>/feed-schedules</c>: feeds that are handed in again and again.</summary>
internal static partial class FeedScheduleEndpoints
{
    public static void Map(WebApplication app)
    {
        var schedules = app.MapGroup("/feed-schedules").WithTags("Feed schedules");
        schedules.MapGet("", ListAsync).Needs(AccessRole.Read)
            .WithName("ListFeedSchedules").WithSummary("All schedules of feeds, by name.")
            .Produces<FeedScheduleAnswer[]>();
        schedules.MapGet("{name}", FindAsync).Needs(AccessRole.Read)
            .WithName("FindFeedSchedule").WithSummary("A schedule: when it runs, and how its last feed ended.")
            .Produces<FeedScheduleAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        schedules.MapPut("{name}", PutAsync).Needs(AccessRole.Submit)
            .WithName("PutFeedSchedule").WithSummary("Make or replace a schedule.")
            .Produces<FeedScheduleAnswer>().Produces<FeedScheduleAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        schedules.MapDelete("{name}", DeleteAsync).Needs(AccessRole.Submit)
            .WithName("DeleteFeedSchedule").WithSummary("Remove a schedule; the feeds that it handed in stay.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        schedules.MapPost("{name}/run", RunAsync).Needs(AccessRole.Submit)
            .WithName("RunFeedSchedule").WithSummary("Hand in a schedule's feed now.")
            .Produces<FeedAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> ListAsync(FeedScheduleStore store, CancellationToken cancellationToken) =>
        Results.Json((await store.ListAsync(cancellationToken)).Select(FeedScheduleAnswer.Of).ToArray());

    private static async Task<IResult> FindAsync(string name, FeedScheduleStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(name, cancellationToken) is { } schedule ? Results.Json(FeedScheduleAnswer.Of(schedule)) : Unknown();

    private static async Task<IResult> PutAsync(
        string name, HttpContext http, FeedScheduleRequest request, FeedScheduleStore store, IEnumerable<IFeedReader> readers,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (FeedEndpoints.Refusal(http, request) is { } refusal)
        {
            return refusal;
        }

        if (await IsOfAnotherAsync(name, http, store, cancellationToken))
        {
            return Results.Problem("There is a schedule of another source by this name.", statusCode: StatusCodes.Status409Conflict);
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

        var isEnabled = request.Enabled ?? true;
        var isNew = await store.PutAsync(
            new FeedSchedule
            {
                Name = name, Times = times!, Enabled = isEnabled, Feed = feed!, CreatedAt = now, UpdatedAt = now,
                NextRunAt = isEnabled ? times!.Next(now) : null,
            },
            cancellationToken);
        return await store.FindAsync(name, cancellationToken) is not { } schedule ? Unknown()
            : Results.Json(
                FeedScheduleAnswer.Of(schedule), statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> DeleteAsync(
        string name, HttpContext http, FeedScheduleStore store, CancellationToken cancellationToken) =>
        await IsOfAnotherAsync(name, http, store, cancellationToken) ? Unknown()
        : await store.DeleteAsync(name, cancellationToken) ? Results.NoContent() : Unknown();

    private static async Task<IResult> RunAsync(
        string name, HttpContext http, FeedScheduleStore store, TimeProvider time, CancellationToken cancellationToken) =>
        await IsOfAnotherAsync(name, http, store, cancellationToken) ? Unknown()
        : await store.RunAsync(name, time.GetUtcNow(), evenIfNotDue: true, cancellationToken) is { } feedId
            ? Results.Accepted($"/feeds/{feedId}", new FeedAccepted(feedId))
        : await store.FindAsync(name, cancellationToken) is null ? Unknown()
        : Results.Problem("Its last feed has not ended yet.", statusCode: StatusCodes.Status409Conflict);

    // A schedule of another source must not be replaced, removed or run; whose it is, is nobody else's business.
    private static async Task<bool> IsOfAnotherAsync(
        string name, HttpContext http, FeedScheduleStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(name, cancellationToken) is { } schedule && SourceRule.Refusal(http, schedule.Feed.Source) is not null;

    private static IResult Unknown() => Results.Problem("No such schedule.", statusCode: StatusCodes.Status404NotFound);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex Name();
}
