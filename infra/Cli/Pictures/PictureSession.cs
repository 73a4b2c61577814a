using CpfPipeline.Cli.Feeds;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Pictures;

/// <summary>Uploads a picture, waits until it is matched, and prints its status.</summary>
internal static class PictureSession
{
    public static async Task<ExitCode> RunAsync(
        SubmitSession session, PictureBody picture, TextWriter output, CancellationToken cancellationToken)
    {
        var client = new PictureClient(session.Ingest);
        var upload = await client.UploadAsync(picture, cancellationToken);
        if (upload.State == ImageState.Rejected)
        {
            output.WriteLine($"rejected   {picture.ExternalId} of {picture.Source}: {upload.Reason} ({upload.Detail})");
            return ExitCode.Rejected;
        }

        await session.SettleAsync(picture.Source, cancellationToken);
        var image = await client.FindAsync(picture.Source, picture.ExternalId, cancellationToken)
            ?? throw CommandException.Infrastructure("Ingest does not know the picture any more: it was erased in the meantime");
        return Tell(image, output);
    }

    /// <summary>Prints the status of the image.</summary>
    /// <returns>Rejected when the picture cannot be used.</returns>
    internal static ExitCode Tell(PictureAnswer image, TextWriter output)
    {
        output.WriteLine($"image      {image.ExternalId} of {image.Source}: {image.Status}");
        if (image.GroupId is { } group)
        {
            output.WriteLine($"group      {group}");
        }

        if (image.FailedReason is not null)
        {
            output.WriteLine($"rejected   the new picture: {image.FailedReason} ({image.FailedDetail}); the one before stays");
        }
        else if (image.State == ImageState.Rejected)
        {
            output.WriteLine($"rejected   {image.Reason} ({image.Detail})");
        }

        return image.State == ImageState.Rejected || image.FailedReason is not null ? ExitCode.Rejected : ExitCode.Done;
    }
}
