using CpfPipeline.Data.Blobs;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Trainer.Exchange;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CpfPipeline.Trainer.Api;

/// <summary>Models as files: <c>POST /models</c> brings one in, <c>GET /models/ID/files/NAME</c> gives it out.</summary>
internal static class ModelFileEndpoints
{
    public static void MapModelFiles(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/models").WithTags("Models");
        models.MapPost("", ImportAsync).Needs(AccessRole.Train)
            .WithSummary(
                "Bring in a model and hand over to it: a run, 202. A form whose parts are the files backbone.onnx, "
                + "head.onnx and report.json as infra/cpf train writes them. Header Idempotency-Key: the same run for the same key.")
            .Produces<RunAnswer>(StatusCodes.Status202Accepted).Produces<RunAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        models.MapGet("{modelId:long}/files/{name}", ExportAsync).Needs(AccessRole.Train)
            .WithSummary("A file of a model: backbone.onnx, head.onnx or report.json. ETag is its SHA-256.")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ImportAsync(
        HttpContext http, ModelImport import, RunAnswers answers, IOptions<TrainerOptions> options, CancellationToken cancellationToken)
    {
        if (!Caller.Of(http).Has(AccessRole.Operate))
        {
            return Results.Problem(
                $"Bringing in a model hands over to it, whatever it is worth: this also needs the role {AccessRole.Operate}.",
                statusCode: StatusCodes.Status403Forbidden);
        }

        var (upload, problem, status) = await ModelUpload.ReadAsync(http.Request, options.Value.MaxModelBytes, cancellationToken);
        if (upload is null)
        {
            return Results.Problem(problem, statusCode: status);
        }

        var (trigger, key) = RunAnswers.AskerOf(http);
        try
        {
            var asked = await import.AskAsync(upload with { By = Caller.Of(http).Actor }, trigger, key, cancellationToken);
            return await answers.AnswerAsync(asked, http, cancellationToken);
        }
        catch (ModelFileException e)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<IResult> ExportAsync(long modelId, string name, ModelExport export, CancellationToken cancellationToken)
    {
        try
        {
            return await export.OpenAsync(modelId, name, cancellationToken) is var (bytes, sha256)
                ? Results.Stream(
                    bytes, "application/octet-stream", name, enableRangeProcessing: true,
                    entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(sha256)}\""))
                : Results.Problem(
                    $"There is no file {name} of a model {modelId}; GET /models lists the models.",
                    statusCode: StatusCodes.Status404NotFound);
        }
        catch (BlobMissingException)
        {
            return Results.Problem(
                $"The file {name} of model {modelId} is not in the blob store.", statusCode: StatusCodes.Status404NotFound);
        }
    }
}
