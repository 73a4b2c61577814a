using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace CpfPipeline.Matcher.Api;

/// <summary><c>/verdicts</c>: give, change, withdraw, look up.</summary>
internal static class VerdictEndpoints
{
    public static void MapVerdicts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/verdicts", GiveAsync).Needs(AccessRole.Review)
            .WithSummary("Say that two pictures show the same product or not, or take that back. Answers when the groups are up to date.")
            .Produces<VerdictOutcome.Taken>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        routes.MapGet("/verdicts", ReadAsync).Needs(AccessRole.Read)
            .WithSummary("The verdicts on the picture that an image shows now.")
            .Produces<IReadOnlyList<VerdictRow>>()
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> GiveAsync(
        HttpContext http, VerdictRequest request, VerdictIntake intake, CancellationToken cancellationToken) =>
        await intake.GiveAsync(
            request with { Who = Caller.Of(http).SpeaksFor(request.Who), By = Caller.Of(http).Actor }, cancellationToken) switch
        {
            VerdictOutcome.Taken taken => Results.Ok(taken),
            VerdictOutcome.Refused refused => Results.Problem(
                refused.Detail,
                statusCode: refused.Reason switch
                {
                    VerdictOutcome.Refused.Invalid => StatusCodes.Status400BadRequest,
                    VerdictOutcome.Refused.UnknownPicture => StatusCodes.Status404NotFound,
                    _ => StatusCodes.Status409Conflict,
                },
                extensions: new Dictionary<string, object?> { ["reason"] = refused.Reason, ["chain"] = refused.Chain }),
            _ => throw new InvalidOperationException("A verdict is taken or refused."),
        };

    private static async Task<IResult> ReadAsync(
        NpgsqlDataSource dataSource, [FromQuery] string source, [FromQuery(Name = "external_id")] string externalId,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ImageContentStore.FindAsync(connection, source, externalId, cancellationToken) switch
        {
            null => Results.Problem($"Source {source} has no image {externalId}.", statusCode: StatusCodes.Status404NotFound),
            (_, { } contentId) => Results.Ok(await VerdictStore.ReadOfAsync(connection, contentId, cancellationToken)),
            _ => Results.Ok(Array.Empty<VerdictRow>()),
        };
    }
}
