using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Api;
using CpfPipeline.Matcher.Reconcile;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace CpfPipeline.Matcher.Api;

/// <summary>The Matcher's HTTP API; described at <c>/openapi/v1.json</c>.</summary>
internal static class MatcherEndpoints
{
    private const int MaxRows = 10_000;

    public static void MapMatcher(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/changes", ChangesAsync).Needs(AccessRole.Read).WithSummary(
            "Group changes after a position, in commit order; continue with next. 410 when some after the position were removed as old: "
            + "begin again at 0.")
            .ProducesProblem(StatusCodes.Status410Gone);
        routes.MapGet("/groups", GroupsAsync).Needs(AccessRole.Read).WithSummary(
            "The group of an image (source and external_id), or all groups of two images or more, page by page.")
            .ProducesOneOf<Page<GroupView>, GroupView>(StatusCodes.Status200OK)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/groups/{groupId:long}", GroupAsync).Needs(AccessRole.Read).WithSummary("A group with its members and cohesion.")
            .Produces<GroupView>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/status", (StatusReader status, CancellationToken cancellationToken) => status.ReadAsync(cancellationToken))
            .Needs(AccessRole.Read).WithSummary("How far matching is.");
        routes.MapPost("/reconcile", ReconcileAsync).Needs(AccessRole.Operate).WithSummary(
            "Repairs lost messages and joins exactly what is new. Waits for a reconcile that is running, and answers when its own is done. "
            + "Closing the request stops it without harm. 409 without an active model.");
    }

    private static async Task<Results<Ok<Page<GroupChange>>, ProblemHttpResult>> ChangesAsync(
        GroupQueryStore groups, CancellationToken cancellationToken, [FromQuery] long after = 0, [FromQuery] int limit = 1000)
    {
        if (limit is < 1 or > MaxRows)
        {
            return WrongLimit(limit);
        }

        return await groups.ReadChangesAsync(after, limit, cancellationToken) is { } changes
            ? TypedResults.Ok(new Page<GroupChange>(changes, changes.Count == 0 ? after : changes[^1].Seq))
            : TypedResults.Problem(
                $"Changes after {after} were removed because they are old. Begin again with after=0: every content that is in a group "
                + "comes with its last change, and what does not come is in none.", statusCode: StatusCodes.Status410Gone);
    }

    private static async Task<IResult> GroupsAsync(
        GroupQueryStore groups, CancellationToken cancellationToken, [FromQuery] string? source = null,
        [FromQuery(Name = "external_id")] string? externalId = null, [FromQuery] long after = -1, [FromQuery] int limit = 100)
    {
        if (source is null && externalId is null)
        {
            if (limit is < 1 or > MaxRows)
            {
                return WrongLimit(limit);
            }

            var ids = await groups.ReadGroupIdsAsync(after, limit, cancellationToken);
            return TypedResults.Ok(
                new Page<GroupView>(await groups.ReadGroupsAsync(ids, cancellationToken), ids.Count == 0 ? after : ids[^1]));
        }

        if (source is null || externalId is null)
        {
            return TypedResults.Problem("Give both source and external_id, or neither.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (await groups.FindImageAsync(source, externalId, cancellationToken) is not var (status, groupId))
        {
            return TypedResults.Problem($"Source {source} has no image {externalId}.", statusCode: StatusCodes.Status404NotFound);
        }

        return groupId is { } id
            ? await GroupAsync(groups, id, cancellationToken)
            : TypedResults.Problem($"The image is in no group: its status is {status}.", statusCode: StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> GroupAsync(GroupQueryStore groups, long groupId, CancellationToken cancellationToken) =>
        await groups.ReadGroupsAsync([groupId], cancellationToken) is [var group]
            ? TypedResults.Ok(group)
            : TypedResults.Problem($"The active model has no group {groupId}.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<ReconcileOutcome>, ProblemHttpResult>> ReconcileAsync(
        Repair repair, Reconciler reconciler, CancellationToken cancellationToken)
    {
        await repair.RunAsync(expected: false, cancellationToken);
        return await reconciler.RunAsync(cancellationToken) is { } outcome
            ? TypedResults.Ok(outcome)
            : TypedResults.Problem("There is no active model yet: register a backbone first.", statusCode: StatusCodes.Status409Conflict);
    }

    private static ProblemHttpResult WrongLimit(int limit) =>
        TypedResults.Problem($"limit must be 1 to {MaxRows}, not {limit}.", statusCode: StatusCodes.Status400BadRequest);
}
