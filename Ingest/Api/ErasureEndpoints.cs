using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>/erasures</c>: ask for one, read its receipt.</summary>
internal static class ErasureEndpoints
{
    private const int MaxWhoLength = 200;
    private const int MaxNoteLength = 2000;
    private const int Sha256Digits = 64;

    public static void Map(WebApplication app)
    {
        var erasures = app.MapGroup("/erasures").WithTags("Erasures").Needs(AccessRole.Erase);
        erasures.MapPost("", AddAsync)
            .WithName("Erase").WithSummary("Erase an image or a content; the same again answers with the same receipt.")
            .Produces<ErasureAnswer>(StatusCodes.Status202Accepted).Produces<ErasureAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        erasures.MapGet("{erasureId:long}", FindAsync)
            .WithName("FindErasure").WithSummary("How far an erasure is, and its receipt.")
            .Produces<ErasureAnswer>().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> AddAsync(
        HttpContext http, ErasureRequest request, ErasureStore store, ErasureRecording recording, DispatchOutbox dispatch,
        ILogger<ErasureWork> logger, CancellationToken cancellationToken)
    {
        if (ProblemOf(request) is { } problem)
        {
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        }

        var order = new ErasureOrder(
            Caller.Of(http).SpeaksFor(request.Who), string.IsNullOrWhiteSpace(request.Note) ? null : request.Note)
        {
            By = Caller.Of(http).Actor,
        };
        var outcome = request.Sha256 is { } sha256
            ? await store.RequestContentAsync(Convert.FromHexString(sha256), order, ErasureMessages.Released, cancellationToken)
            : await store.RequestImageAsync(request.Source!, request.ExternalId!, order, ErasureMessages.Released, cancellationToken);
        if (outcome is null)
        {
            return Results.Problem(
                request.Sha256 is null ? "No such image: nothing was erased." : "No such content: nothing was erased.",
                statusCode: StatusCodes.Status404NotFound);
        }

        recording.Keep(outcome.Erasure);
        var answer = ErasureAnswer.Of(outcome.Erasure);
        if (outcome.Existing)
        {
            return Results.Json(answer);
        }

        Log.ErasureRequested(logger, answer.ErasureId, answer.Scope, answer.Counts.GetValueOrDefault("images"));
        await dispatch(outcome.Outbox, cancellationToken);
        return Results.Json(answer, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> FindAsync(long erasureId, ErasureStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(erasureId, cancellationToken) is { } erasure
            ? Results.Json(ErasureAnswer.Of(erasure))
            : Results.Problem("No such erasure.", statusCode: StatusCodes.Status404NotFound);

    private static string? ProblemOf(ErasureRequest request)
    {
        var image = request.Source is not null || request.ExternalId is not null;
        if (image == (request.Sha256 is not null))
        {
            return "Give source and external_id, or sha256.";
        }

        if (request.Sha256 is { } sha256 && (sha256.Length != Sha256Digits || !sha256.All(char.IsAsciiHexDigit)))
        {
            return $"sha256 must be {Sha256Digits} hex digits.";
        }

        return (image ? SubmissionRule.IdentityProblem(request.Source, request.ExternalId) : null)
            ?? LengthProblem("who", request.Who, MaxWhoLength) ?? LengthProblem("note", request.Note, MaxNoteLength);
    }

    private static string? LengthProblem(string field, string? text, int maxLength) =>
        text is null ? null
        : text.Length > maxLength ? $"{field} is longer than {maxLength} characters."
        : text.Contains('\0') ? $"{field} holds a zero."
        : null;
}
