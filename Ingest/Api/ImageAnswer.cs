using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Api;

/// <summary>The outcome of one image of a request.</summary>
internal sealed record ImageAnswer
{
    /// <summary><see cref="State"/> when a newer revision is known already.</summary>
    public const string Stale = "stale";

    /// <summary>UUID v5 of source and external id; null when these are missing or malformed.</summary>
    public Guid? ImageId { get; init; }

    public string? Source { get; init; }

    public string? ExternalId { get; init; }

    public long? Revision { get; init; }

    /// <summary>received, stored, rejected, retracted, or stale when a newer revision is known already.</summary>
    public required string State { get; init; }

    /// <summary>Reason code when rejected.</summary>
    public string? Reason { get; init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? Detail { get; init; }

    /// <summary>What was wrong without refusing the image, for a person.</summary>
    public string? Warning { get; init; }

    public static ImageAnswer Of(IntakeResult result) => new()
    {
        ImageId = result.Entry.ImageId,
        Source = result.Entry.Source,
        ExternalId = result.Entry.ExternalId,
        Revision = result.Entry.Revision == ImageChange.NoRevision ? null : result.Entry.Revision,
        State = result switch
        {
            { Reason: not null } => ImageState.Rejected,
            { Change.State: ImageState.Received } => ImageState.Received, // Its command is on the way, whatever the row says.
            { Effect: ImageEffect.Stale } => Stale,
            { Change.State: ImageState.Retracted } => ImageState.Retracted,
            _ => ImageState.Stored,
        },
        Reason = result.Reason,
        Detail = result.Change?.RejectDetail,
        Warning = result.Entry.Warning,
    };

    /// <summary>The answers, with the status that says whether something was refused.</summary>
    public static IResult Result(ImageAnswer[] answers, bool isSingle, int status)
    {
        var isRefused = answers.Any(answer => answer.State == ImageState.Rejected);
        return isSingle
            ? Results.Json(answers[0], statusCode: isRefused ? StatusCodes.Status422UnprocessableEntity : status)
            : Results.Json(answers, statusCode: isRefused ? StatusCodes.Status207MultiStatus : status);
    }

    public static ImageAnswer Nameless(string reason, string detail) =>
        new() { State = ImageState.Rejected, Reason = reason, Detail = detail };
}
