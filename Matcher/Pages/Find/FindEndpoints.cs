using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Groups;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>
/// <c>/find</c>: leads from what a person has in hand (a listing, a product key, a hash, an id) to its group. Without words it asks for
/// them, or for a picture.
/// </summary>
internal static class FindEndpoints
{
    private const int MaxLength = 500;

    public static void MapFind(this IEndpointRouteBuilder routes) => routes.MapGet(FindAddress.Path, FindAsync).Needs(AccessRole.Read);

    private static async Task<IResult> FindAsync(
        FindStore store, ModelStore models, IOptions<MatcherOptions> options, CancellationToken cancellationToken,
        [FromQuery] string? q = null)
    {
        if (q is null)
        {
            return ProbeEndpoints.Form(StatusCodes.Status200OK, options);
        }

        var words = q.Trim();
        if (words.Length is 0 or > MaxLength || words.Contains('\0'))
        {
            return ProbeEndpoints.Form(
                StatusCodes.Status400BadRequest, options,
                "Give a listing as source/id, a product key, a picture's SHA-256, or the id of a group or picture.", searched: words);
        }

        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return PageResults.Message(StatusCodes.Status404NotFound, "No groups yet", "No model is active yet.", words);
        }

        return await store.FindAsync(model.ModelId, words, cancellationToken) switch
        {
            Found.InGroup(var groupId, var contentId) => Results.Redirect(GroupAddress.OfMember(groupId, contentId)),
            Found.ByKey(var key) => Results.Redirect(
                new GroupListQuery(GroupSort.Doubt, new GroupFilter { Key = key }, null).Address(PageEntry.Gallery)),
            Found.NotGrouped(var name, var status) => PageResults.Message(
                StatusCodes.Status404NotFound, "In no group", $"{name} is known, but it is in no group: its status is {status}.", words),
            _ => PageResults.Message(
                StatusCodes.Status404NotFound, "Nothing found",
                $"There is no listing, product key, picture or group named '{words}'.", words),
        };
    }
}
