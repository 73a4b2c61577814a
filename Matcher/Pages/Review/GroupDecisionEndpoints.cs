using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary><c>/review/group/ID</c>: a decision on chosen pictures of a group, first its summary, then the decision.</summary>
internal static class GroupDecisionEndpoints
{
    /// <summary>What the group's page asks for with two pictures that are to be compared.</summary>
    private const string Compare = "compare";

    // A page that shows more is not read.
    private const int MaxOthersShown = 24;
    private const int MaxChosen = 200;

    public static void MapGroupDecisions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ReviewAddress.Group + "/{groupId:long}", SummaryAsync).Needs(AccessRole.Review);
        routes.MapPost(ReviewAddress.Group + "/{groupId:long}", DecideAsync).Needs(AccessRole.Review);
        routes.MapGet(ReviewAddress.Placeholders, PlaceholdersAsync).Needs(AccessRole.Read);
    }

    private static async Task<IResult> SummaryAsync(
        long groupId, HttpContext http, ReviewIntake intake, PictureStore pictures, CancellationToken cancellationToken)
    {
        var chosen = Chosen(http.Request.Query["p"]);
        var word = http.Request.Query["do"].ToString();
        if (chosen is null)
        {
            return Wrong($"Choose at most {MaxChosen} pictures.");
        }

        if (word == Compare)
        {
            return chosen is [var a, var b] ? Results.Redirect(ReviewAddress.Of(a, b)) : Wrong("Choose the two pictures to compare.");
        }

        if (!GroupDecision.IsKnown(word))
        {
            return Wrong("The address must say what to do: split, same or placeholder.");
        }

        return await PageAsync(groupId, word, chosen, hasChanged: false, http, intake, pictures, cancellationToken);
    }

    private static async Task<IResult> PageAsync(
        long groupId, string word, List<long> chosen, bool hasChanged, HttpContext http, ReviewIntake intake, PictureStore pictures,
        CancellationToken cancellationToken)
    {
        var (changes, problem) = await intake.PlanAsync(groupId, word, chosen, cancellationToken);
        var others = (changes ?? []).SelectMany(c => new[] { c.ContentA, c.ContentB }).Distinct().Except(chosen).Take(MaxOthersShown);
        return PageResults.Of<GroupDecisionPage>(hasChanged ? StatusCodes.Status409Conflict : StatusCodes.Status200OK, new
        {
            Data = new GroupDecisionData(
                groupId, word, await pictures.ReadAsync(chosen, cancellationToken),
                [.. (changes ?? []).Select(c => (c.ContentA, c.ContentB, c.Word))],
                await pictures.ReadAsync([.. others], cancellationToken), GroupPlan.HashOf(changes ?? []), hasChanged, problem,
                ReviewerCookie.ReadName(http)),
        });
    }

    private static async Task<IResult> DecideAsync(
        long groupId, HttpContext http, IFormCollection form, ReviewIntake intake, PictureStore pictures,
        CancellationToken cancellationToken)
    {
        var who = ReviewerCookie.ReadName(http) ?? form["who"].ToString().Trim();
        if (Reviewer.Problem(who, null) is { } problem)
        {
            return Wrong(problem);
        }

        if (!Guid.TryParse(form["request"].ToString(), out var request) || Chosen(form["p"]) is not { Count: > 0 } chosen
            || form["plan"] is not [{ Length: > 0 } planHash])
        {
            return Wrong("The form is not complete.");
        }

        ReviewerCookie.WriteName(http, who);
        var word = form["do"].ToString();
        var outcome = await intake.DecideAsync(
            new GroupDecisionRequest(request, groupId, word, chosen, planHash, who) { By = Caller.Of(http).Actor },
            cancellationToken);
        if (outcome is ReviewOutcome.PlanChanged)
        {
            return await PageAsync(groupId, word, chosen, hasChanged: true, http, intake, pictures, cancellationToken);
        }

        if (outcome is ReviewOutcome.Done or ReviewOutcome.Repeated && word == GroupDecision.Placeholder)
        {
            return Results.Redirect(ReviewAddress.OfPlaceholders(chosen, request));
        }

        // The group may have another id now.
        return ReviewForms.Of(http, outcome, FindAddress.Of(chosen[0]));
    }

    // Placeholders are in no group, whose page could tell of them.
    private static async Task<IResult> PlaceholdersAsync(
        HttpContext http, PictureStore pictures, ReviewerStore reviewers, CancellationToken cancellationToken)
    {
        if (Chosen(http.Request.Query["p"]) is not { Count: > 0 } chosen)
        {
            return Wrong("The address must name pictures.");
        }

        var shown = await pictures.ReadAsync(chosen, cancellationToken);
        if (shown.Count == 0)
        {
            return PageResults.Message(
                StatusCodes.Status404NotFound, "No such picture", "None of these pictures is stored, or not any more.");
        }

        var placeholders = await pictures.ReadPlaceholdersAsync(chosen, cancellationToken);
        var form = Guid.TryParse(http.Request.Query["form"].ToString(), out var request)
            && await reviewers.StandsAsync(request, cancellationToken) ? request : (Guid?)null;
        return PageResults.Of<PlaceholdersPage>(new
        {
            Placeholders = shown.Where(p => placeholders.Contains(p.ContentId)).ToArray(),
            Others = shown.Where(p => !placeholders.Contains(p.ContentId)).ToArray(),
            Form = form,
        });
    }

    private static List<long>? Chosen(IReadOnlyCollection<string?> texts)
    {
        var ids = texts.Select(ReviewForms.Id).OfType<long>().Distinct().ToList();
        return texts.Count > MaxChosen ? null : ids;
    }

    private static IResult Wrong(string text) => PageResults.Message(StatusCodes.Status400BadRequest, "Nothing changed", text);
}
