using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary><c>/models</c>: the history, the page of each model, and the report that its run wrote.</summary>
internal static class ModelPageEndpoints
{
    private const int ModelsPerPage = 30;

    // The report is one file with its script and drawings inside; it may ask for the catalogue's pictures and nothing else.
    private const string ReportPolicy =
        "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'";

    public static void MapModelPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PageEntry.Models, ListAsync).Needs(AccessRole.Read);
        routes.MapGet(PageEntry.Models + "/{modelId:long}", ModelAsync).Needs(AccessRole.Read);
        routes.MapGet(PageEntry.Models + "/{modelId:long}/report", ReportAsync).Needs(AccessRole.Read);
    }

    /// <summary>There is no such model.</summary>
    public static IResult NoSuchModel(long modelId) => PageResults.Message(
        StatusCodes.Status404NotFound, "No such model", $"There is no model {modelId}.");

    /// <summary>The model that another one is compared with by default: the active one; of the active one, the one before it.</summary>
    public static async Task<long?> DefaultAgainstAsync(
        long modelId, ModelStore models, CancellationToken cancellationToken) =>
        await models.GetActiveAsync(cancellationToken) is not { } active ? null
        : active.ModelId != modelId ? active.ModelId
        : await models.FindPreviousAsync(cancellationToken);

    private static async Task<IResult> ListAsync(
        [FromQuery] long? before, ModelStore models, ModelHistoryStore history, TrainingRunStore runs, NpgsqlDataSource dataSource,
        CancellationToken cancellationToken)
    {
        var (shown, last) = PageRows.Of(await history.ReadAsync(before, ModelsPerPage + 1, cancellationToken), ModelsPerPage);
        var goingOn = await runs.FindUnfinishedAsync(cancellationToken);
        return PageResults.Of<ModelListPage>(new
        {
            Models = shown,
            Before = before,
            Next = last?.ModelId,
            Previous = await models.FindPreviousAsync(cancellationToken),
            GoingOn = goingOn,
            Preparation = goingOn is null ? null : await FindPreparationAsync(dataSource, cancellationToken),
        });
    }

    private static async Task<IResult> ModelAsync(
        long modelId, [FromQuery] Guid? requested, [FromQuery] long? until, ModelStore models, ModelHistoryStore history,
        TrainingRunStore runs, NpgsqlDataSource dataSource, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await history.FindAsync(modelId, cancellationToken) is not { } details)
        {
            return NoSuchModel(modelId);
        }

        return PageResults.Of<ModelPage>(new
        {
            Details = details,
            Tables = ModelReport.Read(details.ReportJson),
            Against = await DefaultAgainstAsync(modelId, models, cancellationToken),
            GoingOn = await runs.FindUnfinishedAsync(cancellationToken),
            WasRequested = requested is not null && details.Listed.State != ModelState.Active,
            IsTooLate = time.GetUtcNow().ToUnixTimeSeconds() > (until ?? 0),
            Requested = requested is { } key ? await runs.FindByKeyAsync($"{key}", cancellationToken) : null,
            Preparation = await FindPreparationAsync(dataSource, cancellationToken),
        });
    }

    private static async Task<IResult> ReportAsync(
        long modelId, HttpContext http, ModelHistoryStore history, CancellationToken cancellationToken)
    {
        if (await history.ReadReportPageAsync(modelId, cancellationToken) is not { } page)
        {
            return PageResults.Message(
                StatusCodes.Status404NotFound, "No report", $"There is no model {modelId}, or no run of the Trainer wrote a report of it.");
        }

        http.Response.Headers.ContentSecurityPolicy = ReportPolicy;
        return Results.Text(page, "text/html; charset=utf-8");
    }

    private static async Task<ModelPreparation?> FindPreparationAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ModelPreparationStore.FindShadowAsync(connection, cancellationToken);
    }
}
