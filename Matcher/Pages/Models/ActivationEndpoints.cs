using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary><c>/models/{id}/activate</c>: what would change, and the form that asks for it.</summary>
internal static class ActivationEndpoints
{
    private const string Path = PageEntry.Models + "/{modelId:long}/activate";

    public static void MapActivation(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, ShowAsync).Needs(AccessRole.Operate);
        routes.MapPost(Path, AskAsync).Needs(AccessRole.Operate);
    }

    private static Task<IResult> ShowAsync(
        long modelId, ModelStore models, ModelHistoryStore history, TrainingRunStore runs, CancellationToken cancellationToken) =>
        PageAsync(modelId, models, history, runs, cancellationToken);

    private static async Task<IResult> AskAsync(
        long modelId, HttpContext http, IFormCollection form, ModelStore models, TrainingRunStore runs, ActivationDesk desk,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Guid.TryParse(form["key"], out var key))
        {
            return PageResults.Message(
                StatusCodes.Status400BadRequest, "This form lacks its key", "Nothing was changed. Open the form again and send it then.");
        }

        // Sent twice: the run is there already.
        var until = time.GetUtcNow();
        if (await runs.FindByKeyAsync($"{key}", cancellationToken) is null)
        {
            if (await WhyNotAsync(modelId, models, runs, cancellationToken) is { } refusal)
            {
                return refusal;
            }

            until = await desk.AskAsync(modelId, key, Caller.Of(http).Actor, cancellationToken);
        }

        return Results.Redirect(ModelAddress.Requested(modelId, key, until), permanent: false, preserveMethod: false);
    }

    private static async Task<IResult> PageAsync(
        long modelId, ModelStore models, ModelHistoryStore history, TrainingRunStore runs, CancellationToken cancellationToken)
    {
        if (await WhyNotAsync(modelId, models, runs, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var active = (await models.GetActiveAsync(cancellationToken))!;
        if (await history.FindAsync(modelId, cancellationToken) is not { } details
            || await history.FindAsync(active.ModelId, cancellationToken) is not { } now)
        {
            return ModelPageEndpoints.NoSuchModel(modelId);
        }

        return PageResults.Of<ActivationPage>(
            new
            {
                Details = details,
                Active = now,
                GroupsNow = await history.CountGroupsAsync(active.ModelId, cancellationToken),
                GroupsThen = details.HasGroups ? await history.CountGroupsAsync(modelId, cancellationToken) : (long?)null,
                Key = Guid.NewGuid(),
            });
    }

    // What the Trainer would refuse, said before it is asked.
    private static async Task<IResult?> WhyNotAsync(
        long modelId, ModelStore models, TrainingRunStore runs, CancellationToken cancellationToken)
    {
        if (await models.FindAsync(modelId, cancellationToken) is not { } model)
        {
            return ModelPageEndpoints.NoSuchModel(modelId);
        }

        if (model.State == ModelState.Active)
        {
            return Refused($"Model {modelId} is the active one already.");
        }

        if (await models.GetActiveAsync(cancellationToken) is null)
        {
            return Refused("No model is active yet: the Trainer makes the first one at its start.");
        }

        return await runs.FindUnfinishedAsync(cancellationToken) is { } run
            ? Refused($"A run ({ShownRun.Purpose(run)}) goes on. Wait until it has ended, or cancel it, then ask again.") : null;

        IResult Refused(string text) => PageResults.Message(StatusCodes.Status409Conflict, "Not now", text);
    }
}
