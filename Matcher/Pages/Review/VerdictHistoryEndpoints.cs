using CpfPipeline.Data.Access;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary><c>/review/history</c>: what was said, each to be taken back; <c>/review/contradictions</c>: what was refused.</summary>
internal static class VerdictHistoryEndpoints
{
    private const int ChangesPerPage = 50;
    private const int ContradictionsPerPage = 20;

    public static void MapVerdictHistory(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ReviewAddress.History, HistoryAsync).Needs(AccessRole.Read);
        routes.MapGet(ReviewAddress.Contradictions, ContradictionsAsync).Needs(AccessRole.Read);
        routes.MapPost(ReviewAddress.Contradictions, DecideAsync).Needs(AccessRole.Review);
    }

    private static async Task<IResult> HistoryAsync(
        VerdictHistoryStore history, CancellationToken cancellationToken, [FromQuery] string? before = null)
    {
        var (shown, last) = PageRows.Of(
            await history.ReadAsync(ReviewForms.Id(before) ?? long.MaxValue, ChangesPerPage + 1, cancellationToken), ChangesPerPage);
        return PageResults.Of<HistoryPage>(new
        {
            Changes = shown,
            Next = last is null ? null : ReviewAddress.HistoryBefore(last.Seq),
        });
    }

    private static async Task<IResult> ContradictionsAsync(
        VerdictHistoryStore history, CancellationToken cancellationToken, [FromQuery] string? before = null)
    {
        var (shown, last) = PageRows.Of(
            await history.ReadContradictionsAsync(
                ReviewForms.Id(before) ?? long.MaxValue, ContradictionsPerPage + 1, cancellationToken), ContradictionsPerPage);
        return PageResults.Of<ContradictionsPage>(new
        {
            Open = shown,
            Next = last is null ? null : ReviewAddress.ContradictionsBefore(last.Id),
        });
    }

    private static async Task<IResult> DecideAsync(
        HttpContext http, IFormCollection form, VerdictHistoryStore history, ReviewIntake intake, NpgsqlDataSource dataSource,
        CancellationToken cancellationToken)
    {
        if (ReviewerCookie.ReadName(http) is not { } who)
        {
            return ReviewForms.AskName(http, ReviewAddress.Contradictions);
        }

        if (ReviewForms.Id(form["id"]) is not { } id || !Guid.TryParse(form["request"].ToString(), out var request))
        {
            return FormAnswers.Answer(http, StatusCodes.Status400BadRequest, "The form is not complete.", ReviewAddress.Contradictions);
        }

        if (form["do"] == "dismiss")
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ContradictionStore.DismissAsync(connection, id, who, cancellationToken);
            await AuditStore.AppendAsync(
                connection, new Speaker(who, Caller.Of(http).Actor), "verdict.dismiss", $"contradiction {id}", AuditOutcome.Done,
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return Results.Redirect(ReviewAddress.Contradictions);
        }

        if (await history.FindContradictionAsync(id, cancellationToken) is not var (a, b, verdict))
        {
            return Results.Redirect(ReviewAddress.Contradictions); // Somebody closed it.
        }

        (long, long)? withdrawn = ReviewForms.Id(form["a"]) is { } x && ReviewForms.Id(form["b"]) is { } y ? (x, y) : null;
        return ReviewForms.Of(
            http,
            await intake.ReplaceAsync(
                request, new Speaker(who, Caller.Of(http).Actor), withdrawn, new Verdict(a, b, verdict == VerdictWord.Same),
                cancellationToken),
            ReviewAddress.Contradictions);
    }
}
