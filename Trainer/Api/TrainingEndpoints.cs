using System.Text.Json.Nodes;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;

namespace CpfPipeline.Trainer.Api;

/// <summary><c>/trainings</c>: ask for a run, watch, cancel, read its report.</summary>
internal static class TrainingEndpoints
{
    private const int MaxRows = 1000;
    private const int MaxBodyBytes = 64 * 1024;

    // The page is one file with its script and drawings inside; it may ask for nothing else. The catalogue's pictures are the Matcher's.
    private const string PagePolicy =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'";

    public static void MapTrainings(this IEndpointRouteBuilder routes)
    {
        var trainings = routes.MapGroup("/trainings").WithTags("Trainings");
        trainings.MapPost("", AskAsync).Needs(AccessRole.Train)
            .WithSummary(
                "Train on the catalogue and hand over if the model is better. Body: kind, target_precision, or nothing. "
                + "Header Idempotency-Key: the same run for the same key.")
            .Produces<RunAnswer>(StatusCodes.Status202Accepted).Produces<RunAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
                .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes)); // Also of a body that does not say its length.
        trainings.MapGet("", ListAsync).Needs(AccessRole.Read)
            .WithSummary("Runs, the newest first.").Produces<IReadOnlyList<RunAnswer>>().ProducesProblem(StatusCodes.Status400BadRequest);
        trainings.MapGet("{runId:guid}", FindAsync).Needs(AccessRole.Read)
            .WithSummary("How far a run is, or how it ended.").Produces<RunAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        trainings.MapGet("{runId:guid}/report", PageAsync).Needs(AccessRole.Read).WithSummary("What was measured, as a page.")
            .Produces<string>(StatusCodes.Status200OK, "text/html").ProducesProblem(StatusCodes.Status404NotFound);
        trainings.MapGet("{runId:guid}/report.json", ReportAsync).Needs(AccessRole.Read).WithSummary("What was measured.")
            .Produces<JsonObject>().ProducesProblem(StatusCodes.Status404NotFound);
        trainings.MapPost("{runId:guid}/cancel", CancelAsync).Needs(AccessRole.Train)
            .WithSummary("End a run; the active model stays as it is. The run is cancelled within seconds.")
            .Produces<RunAnswer>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AskAsync(HttpContext http, RunAnswers answers, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        if (http.Request.ContentLength > MaxBodyBytes)
        {
            return Results.Problem($"The body is longer than {MaxBodyBytes} bytes.", statusCode: StatusCodes.Status400BadRequest);
        }

        await http.Request.Body.CopyToAsync(body, cancellationToken);
        var (order, problem) = TrainingOrder.Parse(body.ToArray());
        return problem is null
            ? await answers.AskAsync(order!, http, cancellationToken)
            : Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ListAsync(
        TrainingRunStore runs, RunReader reader, CancellationToken cancellationToken, [FromQuery] int limit = 20)
    {
        if (limit is < 1 or > MaxRows)
        {
            return Results.Problem($"limit must be 1 to {MaxRows}, not {limit}.", statusCode: StatusCodes.Status400BadRequest);
        }

        var answers = new List<RunAnswer>();
        foreach (var run in await runs.ListAsync(limit, cancellationToken))
        {
            answers.Add(await reader.DescribeAsync(run, cancellationToken));
        }

        return Results.Json(answers);
    }

    private static async Task<IResult> FindAsync(
        Guid runId, TrainingRunStore runs, RunReader reader, CancellationToken cancellationToken) =>
        await runs.FindAsync(runId, cancellationToken) is { } run
            ? Results.Json(await reader.DescribeAsync(run, cancellationToken)) : NoSuchRun(runId);

    private static async Task<IResult> PageAsync(Guid runId, HttpContext http, TrainingRunStore runs, CancellationToken cancellationToken)
    {
        if ((await runs.ReadReportAsync(runId, cancellationToken)).Html is not { } page)
        {
            return NoReport(runId);
        }

        http.Response.Headers.ContentSecurityPolicy = PagePolicy;
        return Results.Text(ReportPage.WithoutPictures(page), "text/html; charset=utf-8");
    }

    private static async Task<IResult> ReportAsync(Guid runId, TrainingRunStore runs, CancellationToken cancellationToken) =>
        (await runs.ReadReportAsync(runId, cancellationToken)).Json is { } json ? Results.Text(json, "application/json") : NoReport(runId);

    private static async Task<IResult> CancelAsync(
        Guid runId, HttpContext http, TrainingRunStore runs, RunDesk desk, RunReader reader, CancellationToken cancellationToken)
    {
        // What only somebody who operates may order, only they may end: a rollback from a bad model must not be held up.
        if (await runs.FindAsync(runId, cancellationToken) is { Kind: TrainingRunKind.Activation }
            && !Caller.Of(http).Has(AccessRole.Operate))
        {
            return Results.Problem(
                $"The run hands over to a model: this also needs the role {AccessRole.Operate}.",
                statusCode: StatusCodes.Status403Forbidden);
        }

        return await desk.CancelAsync(runId, Caller.Of(http).Actor, cancellationToken) is not var (run, wasGoingOn) ? NoSuchRun(runId)
            : wasGoingOn ? Results.Json(await reader.DescribeAsync(run, cancellationToken), statusCode: StatusCodes.Status202Accepted)
            : Results.Problem($"The run is {run.State} already.", statusCode: StatusCodes.Status409Conflict);
    }

    private static IResult NoSuchRun(Guid runId) =>
        Results.Problem($"There is no run {runId}; GET /trainings lists them.", statusCode: StatusCodes.Status404NotFound);

    private static IResult NoReport(Guid runId) =>
        Results.Problem($"Run {runId} has no report: it is not there, has not got so far, or made no model.",
            statusCode: StatusCodes.Status404NotFound);
}
