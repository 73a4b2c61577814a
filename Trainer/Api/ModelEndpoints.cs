using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Trainer.Api;

/// <summary><c>/models</c>: list, activate, roll back.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/models").WithTags("Models");
        models.MapGet("", (ModelListStore list, CancellationToken cancellationToken) => list.ReadAllAsync(cancellationToken))
            .Needs(AccessRole.Read).WithSummary("Every model there was, the newest first.").Produces<IReadOnlyList<ModelSummary>>();
        Changes(models.MapPost("{modelId:long}/activate", ActivateAsync),
            "Make a model that is there the active one: a run, 202.");
        Changes(models.MapPost("rollback", RollbackAsync), "Go back to the model that was active before: a run, 202.");
    }

    private static void Changes(RouteHandlerBuilder route, string summary) => route.Needs(AccessRole.Operate).WithSummary(summary)
        .Produces<RunAnswer>(StatusCodes.Status202Accepted).Produces<RunAnswer>()
        .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static Task<IResult> ActivateAsync(long modelId, HttpContext http, RunAnswers answers, CancellationToken cancellationToken) =>
        answers.AskAsync(new RunOrder(TrainingRunKind.Activation, ModelId: modelId), http, cancellationToken);

    private static Task<IResult> RollbackAsync(HttpContext http, RunAnswers answers, CancellationToken cancellationToken) =>
        answers.AskAsync(RunOrder.Rollback, http, cancellationToken);
}
