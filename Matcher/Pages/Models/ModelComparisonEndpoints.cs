using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>
/// <c>/models/{id}/changes</c>: how its groups differ from another model's; <c>/models/{id}/what-if</c>: what another threshold would do.
/// </summary>
internal static class ModelComparisonEndpoints
{
    private const int RowsPerPage = 20;

    public static void MapModelComparisons(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PageEntry.Models + "/{modelId:long}/changes", DifferencesAsync).Needs(AccessRole.Read);
        routes.MapGet(PageEntry.Models + "/{modelId:long}/what-if", WhatIfAsync).Needs(AccessRole.Read);
    }

    private static async Task<IResult> DifferencesAsync(
        long modelId, [FromQuery] long? against, [FromQuery] long? after, ModelStore models, ModelHistoryStore history,
        GroupDifferenceStore differences, CancellationToken cancellationToken)
    {
        if (await models.FindAsync(modelId, cancellationToken) is not { } then)
        {
            return ModelPageEndpoints.NoSuchModel(modelId);
        }

        if ((against ?? await ModelPageEndpoints.DefaultAgainstAsync(modelId, models, cancellationToken)) is not { } otherId)
        {
            return PageResults.Message(
                StatusCodes.Status404NotFound, "Nothing to compare with", $"No other model was active before or after model {modelId}.");
        }

        if (otherId == modelId)
        {
            return PageResults.Message(
                StatusCodes.Status400BadRequest, "The same model twice", "A model does not differ from itself: give another one.");
        }

        if (await models.FindAsync(otherId, cancellationToken) is not { } before)
        {
            return ModelPageEndpoints.NoSuchModel(otherId);
        }

        var missing = await MissingAsync(before) ?? await MissingAsync(then);
        return PageResults.Of<GroupDifferencePage>(new
        {
            Before = before,
            After = then,
            Page = missing is null
                ? await differences.ReadAsync(before.ModelId, then.ModelId, after ?? -1, RowsPerPage, cancellationToken)
                : new GroupDifferences([], null, 0),
            IsFirst = after is null,
            Missing = missing,
        });

        async Task<string?> MissingAsync(ServingModel model) => await history.HasGroupsAsync(model.ModelId, cancellationToken)
            ? null : $"Model {model.ModelId} ({model.State}) has no groups to compare: the active model, the shadow and the last retired "
                + "ones keep theirs; those of others are deleted.";
    }

    private static async Task<IResult> WhatIfAsync(
        long modelId, [FromQuery] string? threshold, [FromQuery] string? after, ModelStore models, ModelHistoryStore history,
        WhatIfStore whatIf, CancellationToken cancellationToken)
    {
        if (await models.FindAsync(modelId, cancellationToken) is not { } model)
        {
            return ModelPageEndpoints.NoSuchModel(modelId);
        }

        if (!await history.HasGroupsAsync(modelId, cancellationToken))
        {
            return PageResults.Message(
                StatusCodes.Status404NotFound, "No groups",
                $"Model {modelId} ({model.State}) has no groups, so nothing can be said about them.");
        }

        var tau = model.Threshold;
        if (!string.IsNullOrWhiteSpace(threshold)
            && !(double.TryParse(threshold, NumberStyles.Float, CultureInfo.InvariantCulture, out tau)
                && tau >= model.Threshold && tau <= 1))
        {
            return PageResults.Message(
                StatusCodes.Status400BadRequest, "No such threshold",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"It must be a number from {model.Threshold}, the model's own, to 1: how clusters merge is stored down to it only."));
        }

        var cursor = after is null ? null : ListPlace<long>.Parse(after, ListKey.Similarity);
        if (after is not null && cursor is null)
        {
            return PageResults.Message(StatusCodes.Status400BadRequest, "No such place", "after is not a position in this list.");
        }

        return PageResults.Of<WhatIfPage>(new
        {
            Model = model,
            Threshold = tau,
            Counts = await whatIf.CountAsync(model, tau, cancellationToken),
            Page = await whatIf.ReadAsync(model, tau, cursor, RowsPerPage, cancellationToken),
            IsFirst = cursor is null,
        });
    }
}
