using CpfPipeline.Data.Placeholders;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace CpfPipeline.Matcher.Api;

/// <summary><c>/placeholders</c>: pictures that are never matched because many products use them.</summary>
internal static class PlaceholderEndpoints
{
    private const int MaxRows = 10_000;

    public static void MapPlaceholders(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/placeholders", ReadAsync).Needs(AccessRole.Read)
            .WithSummary("Placeholders and people's words on them, those with the most products first.")
            .Produces<IReadOnlyList<PlaceholderRow>>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        routes.MapPost("/placeholders", OverrideAsync).Needs(AccessRole.Review)
            .WithSummary("Say that a picture is a placeholder or is none, or let the count decide. Answers when the groups are up to date.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/placeholders/policy", ReadPolicyAsync).Needs(AccessRole.Read)
            .WithSummary("The number of surely different products from which on a picture is a placeholder.")
            .Produces<PlaceholderPolicy>();
        routes.MapPut("/placeholders/policy", SetPolicyAsync).Needs(AccessRole.Operate)
            .WithSummary("Change that number. Answers when the groups are up to date.")
            .Produces<PlaceholderPolicy>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ReadAsync(
        NpgsqlDataSource dataSource, CancellationToken cancellationToken, [FromQuery] int limit = 1000)
    {
        if (limit is < 1 or > MaxRows)
        {
            return Results.Problem($"limit must be 1 to {MaxRows}, not {limit}.", statusCode: StatusCodes.Status400BadRequest);
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return Results.Ok(await PlaceholderStore.ReadAsync(connection, limit, cancellationToken));
    }

    private static async Task<IResult> OverrideAsync(
        HttpContext http, PlaceholderRequest request, PlaceholderIntake intake, CancellationToken cancellationToken) =>
        await intake.OverrideAsync(
            request with { Who = Caller.Of(http).SpeaksFor(request.Who), By = Caller.Of(http).Actor }, cancellationToken)
            is var (problem, unknown)
            ? Results.Problem(problem, statusCode: unknown ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest)
            : Results.NoContent();

    private static async Task<IResult> ReadPolicyAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return Results.Ok(new PlaceholderPolicy(await PlaceholderStore.ReadPolicyAsync(connection, cancellationToken)));
    }

    private static async Task<IResult> SetPolicyAsync(
        HttpContext http, PlaceholderPolicy policy, PlaceholderIntake intake, CancellationToken cancellationToken) =>
        await intake.SetPolicyAsync(policy with { By = Caller.Of(http).Actor }, cancellationToken) is { } problem
            ? Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest)
            : Results.Ok(policy);
}
