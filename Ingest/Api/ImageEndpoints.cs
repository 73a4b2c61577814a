using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Ids;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Hosting.Api;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>/images</c>: submit, upload, retract, look up.</summary>
internal static class ImageEndpoints
{
    private const long MaxBodyBytes = 16 * 1024 * 1024;
    private const string WrongPath = "Name the image as /images/{source}/{externalId}, or as /images?source=...&external_id=...";

    public static void Map(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<IngestOptions>>();
        var maxUploadBytes = options.Value.MaxUploadBytes;
        var gate = app.Services.GetRequiredService<IntakeGate>();
        var images = app.MapGroup("/images").WithTags("Images");
        images.MapPost("", SubmitAsync).Needs(AccessRole.Submit)
            .WithName("SubmitImages").WithSummary("Submit one image, or an array of up to 1,000, to be fetched.")
            .AcceptsOneOf<SubmitImage, SubmitImage[]>()
            .ProducesOneOf<ImageAnswer, ImageAnswer[]>(StatusCodes.Status202Accepted)
            .ProducesOneOf<ImageAnswer, ImageAnswer[]>(StatusCodes.Status207MultiStatus)
            .Produces<ImageAnswer>(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter(new IntakeGateFilter(gate, options, IntakeWay.Queue))
            .WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));
        images.MapPost("upload", ImageUpload.HandleAsync).Needs(AccessRole.Submit)
            .WithName("UploadImages").WithSummary("Upload one image or several; they are stored before the answer.")
            .Accepts<IFormFileCollection>("multipart/form-data")
            .ProducesOneOf<ImageAnswer, ImageAnswer[]>(StatusCodes.Status201Created)
            .ProducesOneOf<ImageAnswer, ImageAnswer[]>(StatusCodes.Status200OK)
            .ProducesOneOf<ImageAnswer, ImageAnswer[]>(StatusCodes.Status207MultiStatus)
            .Produces<ImageAnswer>(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter(new IntakeGateFilter(gate, options, IntakeWay.Direct, maxUploadBytes))
            .WithMetadata(new RequestSizeLimitAttribute(maxUploadBytes + (1024 * 1024)))
            .DisableAntiforgery();
        images.MapDelete("{source}/{**externalId}", RetractAsync).Needs(AccessRole.Submit)
            .WithName("RetractImage").WithSummary("Retract an image; what is not known yet stays retracted too.")
            .Produces<ImageAnswer>()
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter<IntakePlaceFilter>();
        images.MapGet("", FindAsync).NeedsReadOrSubmit()
            .WithName("FindImageByQuery").WithSummary("Where an image stands, by the query's source and external_id.")
            .Produces<ImageStatus>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        images.MapDelete("", RetractAsync).Needs(AccessRole.Submit)
            .WithName("RetractImageByQuery").WithSummary("Retract an image, by the query's source and external_id.")
            .Produces<ImageAnswer>()
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .AddEndpointFilter<IntakePlaceFilter>();
        images.MapGet("{source}/{**externalId}", FindAsync).NeedsReadOrSubmit()
            .WithName("FindImage").WithSummary("Where an image stands.")
            .Produces<ImageStatus>()
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> SubmitAsync(
        HttpRequest request, ImageIntake intake, TimeProvider time, IOptions<IngestOptions> options, CancellationToken cancellationToken)
    {
        JsonElement body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: cancellationToken);
        }
        catch (JsonException e)
        {
            return Results.Problem($"The body is not JSON: {e.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
        catch (BadHttpRequestException e)
        {
            return Results.Problem(e.Message, statusCode: e.StatusCode); // Too large (413), or it broke off.
        }

        if (body.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return Results.Problem("The body must be an image or an array of images.", statusCode: StatusCodes.Status400BadRequest);
        }

        var single = body.ValueKind == JsonValueKind.Object;
        var limit = options.Value.MaxImagesPerRequest;
        if (!single && body.GetArrayLength() > limit)
        {
            return Results.Problem($"More than {limit} images in one request.", statusCode: StatusCodes.Status400BadRequest);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        Submission[] submissions = single ? [SubmissionJson.Read(body)] : [.. body.EnumerateArray().Select(SubmissionJson.Read)];
        var problems = submissions.Select(
            s => SubmissionRule.IdentityProblem(s.Source, s.ExternalId) is { } problem ? s.Problem ?? problem : null).ToArray();
        if ((SourceRule.Refusal(request.HttpContext, submissions.Where((_, i) => problems[i] is null).Select(s => s.Source))
            ?? SourceRule.AddressRefusal(request.HttpContext, submissions.Select(s => s.Uri))
            ?? SourceRule.KeyRefusal(request.HttpContext, submissions.Select(s => s.KeyScope))) is { } refusal)
        {
            return refusal;
        }

        var entries = submissions.Where((_, i) => problems[i] is null)
            .Select(s => SubmissionRule.ToEntry(s with { SentAtMilliseconds = now })).ToArray();
        var results = new Queue<IntakeResult>(await intake.AnnounceAsync(entries, cancellationToken));
        var answers = problems.Select((problem, i) => problem is null
            ? ImageAnswer.Of(results.Dequeue())
            : ImageAnswer.Nameless(SubmissionRule.IdentityReason(submissions[i]), problem))
            .ToArray();
        return ImageAnswer.Result(answers, single, StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> RetractAsync(
        HttpContext http, ImageIntake intake, TimeProvider time, [FromQuery] string? revision, CancellationToken cancellationToken)
    {
        if (ImageRoute.Read(http) is not { } image)
        {
            return Results.Problem(WrongPath, statusCode: StatusCodes.Status400BadRequest);
        }

        if (SourceRule.Refusal(http, image.Source) is { } refusal)
        {
            return refusal;
        }

        var number = string.IsNullOrEmpty(revision) ? time.GetUtcNow().ToUnixTimeMilliseconds() : RevisionText.Parse(revision);
        if (number is null)
        {
            return Results.Problem(RevisionText.Problem, statusCode: StatusCodes.Status400BadRequest);
        }

        var entry = SubmissionRule.ToRetraction(image.Source, image.ExternalId, number.Value);
        var answer = ImageAnswer.Of((await intake.TakeAsync([entry], cancellationToken))[0]);
        return answer.State == ImageAnswer.Stale
            ? Results.Problem($"A revision newer than {entry.Revision} is known.", statusCode: StatusCodes.Status409Conflict)
            : Results.Json(answer);
    }

    private static async Task<IResult> FindAsync(HttpContext http, ImageStatusStore store, CancellationToken cancellationToken)
    {
        if (ImageRoute.Read(http) is not { } image)
        {
            return Results.Problem(WrongPath, statusCode: StatusCodes.Status400BadRequest);
        }

        const string Unknown = "No such image.";
        return !SourceRule.MaySee(http, image.Source) ? SourceRule.Hidden(Unknown, image.Source)
            : await store.FindAsync(ImageId.From(image.Source, image.ExternalId), cancellationToken) is { } status
            ? Results.Json(status)
            : Results.Problem(Unknown, statusCode: StatusCodes.Status404NotFound);
    }
}
