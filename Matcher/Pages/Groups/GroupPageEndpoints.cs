using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary><c>/gallery</c>: the groups with their pictures, and the page of each.</summary>
internal static class GroupPageEndpoints
{
    private const int GroupsPerPage = 24;

    public static void MapGroupPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(PageEntry.Gallery, ListAsync).Needs(AccessRole.Read);
        routes.MapGet(PageEntry.Gallery + "/{groupId}", GroupAsync).Needs(AccessRole.Read);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, ModelStore models, GroupListStore groups, CancellationToken cancellationToken)
    {
        var (query, problem) = GroupListQuery.Parse(http.Request.Query);
        if (query is null)
        {
            return PageResults.Message(
                StatusCodes.Status400BadRequest, "This address says something that the page does not know", problem!);
        }

        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return NoModel();
        }

        var part = await groups.ReadAsync(model, query, GroupsPerPage, cancellationToken);
        return PageResults.Of<GroupListPage>(new { Model = model, Query = query, Part = part });
    }

    private static async Task<IResult> GroupAsync(
        string groupId, [FromQuery] string? after, ModelStore models, GroupPageStore groups, CancellationToken cancellationToken)
    {
        if (!TryParse(groupId, out var id) || !TryParse(after ?? "0", out var place))
        {
            return PageResults.Message(
                StatusCodes.Status404NotFound, "No such group", $"'{groupId}' with the place '{after}' is no address of a group.");
        }

        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return NoModel();
        }

        return await groups.ReadAsync(model, id, after is null ? null : place, cancellationToken) is { } data
            ? PageResults.Of<GroupPage>(new { Data = data })
            : PageResults.Message(
                StatusCodes.Status404NotFound, "No such group",
                $"The active model has no group {groupId}. A group gets another id when its smallest picture comes or goes.");
    }

    private static bool TryParse(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static IResult NoModel() => PageResults.Message(
        StatusCodes.Status404NotFound, "No groups yet",
        "No model is active yet. Groups appear when the first model is ready: infra/cpf status shows how far it is.");
}
