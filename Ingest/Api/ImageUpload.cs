using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>POST /images/upload</c>: multipart/form-data with source, external_id, product_key, key_scope, revision and files.</summary>
internal static class ImageUpload
{
    public static async Task<IResult> HandleAsync(
        HttpRequest request, ImageIntake intake, TimeProvider time, IOptions<IngestOptions> options, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
        {
            return Bad("The body must be multipart/form-data.");
        }

        // Whoever sends slowly holds one of a few places: the connection is ended then.
        using var late = new CancellationTokenSource(options.Value.UploadTimeout, time);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(
                new FormOptions { MultipartBodyLengthLimit = options.Value.MaxUploadBytes }, reading.Token);
        }
        catch (InvalidDataException e)
        {
            return Bad(e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Results.Problem(e.Message, statusCode: e.StatusCode); // Too large (413), or it broke off.
        }

        if (form.Files.Count == 0 || form.Files.Count > options.Value.MaxImagesPerRequest)
        {
            return Bad($"Send 1 to {options.Value.MaxImagesPerRequest} files.");
        }

        if (SourceRule.KeyRefusal(request.HttpContext, form["key_scope"]) is { } keyRefusal)
        {
            return keyRefusal;
        }

        var externalIds = form["external_id"];
        if (externalIds.Count != form.Files.Count && externalIds.Count != 0)
        {
            return Bad("Send one external_id for every file, in their order, or none: then the file names are taken.");
        }

        long? revision = null;
        if (form["revision"].FirstOrDefault() is { Length: > 0 } text)
        {
            revision = RevisionText.Parse(text);
            if (revision is null)
            {
                return Bad(RevisionText.Problem);
            }
        }

        var entries = new List<ImageEntry>();
        for (var i = 0; i < form.Files.Count; i++)
        {
            var file = form.Files[i];
            var submission = new Submission
            {
                Source = form["source"].FirstOrDefault(),
                ExternalId = externalIds.Count == 0 ? file.FileName : externalIds[i],
                ProductKey = form["product_key"].FirstOrDefault(),
                KeyScope = form["key_scope"].FirstOrDefault(),
                Revision = revision,
                SentAtMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
            };
            if (SubmissionRule.IdentityProblem(submission.Source, submission.ExternalId) is { } problem)
            {
                return Bad(problem);
            }

            if (SourceRule.Refusal(request.HttpContext, submission.Source) is { } refusal)
            {
                return refusal;
            }

            entries.Add(await ReadAsync(file, submission, options.Value, cancellationToken));
        }

        var results = await intake.TakeAsync(entries, cancellationToken);
        var answers = results.Select(ImageAnswer.Of).ToArray();
        var status = results.Any(r => r is { Reason: null, Effect: ImageEffect.Changed })
            ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        return ImageAnswer.Result(answers, answers.Length == 1, status);
    }

    private static async Task<ImageEntry> ReadAsync(
        IFormFile file, Submission submission, IngestOptions options, CancellationToken cancellationToken)
    {
        // An uploaded image has no address. Its file name is recorded instead. The placeholder passes the check of the URI.
        var entry = SubmissionRule.ToEntry(submission with { Uri = "http://upload/" });
        entry = entry.Reason is null ? entry with { Uri = $"upload:{Uri.EscapeDataString(Path.GetFileName(file.FileName))}" } : entry;
        if (file.Length > options.MaxImageBytes)
        {
            return entry with { Reason = RejectReasons.TooManyBytes,
                Detail = $"{file.Length} bytes; the limit is {options.MaxImageBytes}." };
        }

        var bytes = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return entry with { Bytes = bytes };
    }

    private static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}
