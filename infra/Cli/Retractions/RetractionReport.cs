using System.Globalization;

namespace CpfPipeline.Cli.Retractions;

/// <summary>Tells what became of images that were to be retracted.</summary>
/// <param name="Source">Their source.</param>
/// <param name="Images">One by one.</param>
internal sealed record RetractionReport(string Source, IReadOnlyList<RetractedImage> Images)
{
    private const int MaxNames = 10;

    public ExitCode ExitCode =>
        Images.All(i => i.Outcome is RetractedImage.Retracted or RetractedImage.Already) ? ExitCode.Done : ExitCode.Rejected;

    /// <summary>Whether anything was retracted now.</summary>
    public bool HasChanged => Images.Any(i => i.Outcome == RetractedImage.Retracted);

    public void Write(TextWriter output)
    {
        foreach (var (outcome, explanation) in new[]
        {
            (RetractedImage.Retracted, ""), (RetractedImage.Already, " retracted before"),
            (RetractedImage.Unknown, $" not known of {Source}; nothing was done about them"), (RetractedImage.Refused, ""),
        })
        {
            var images = Images.Where(i => i.Outcome == outcome).ToArray();
            if (images.Length == 0 && outcome != RetractedImage.Retracted)
            {
                continue;
            }

            output.WriteLine($"{outcome,-10} {images.Length.ToString("N0", CultureInfo.InvariantCulture)}{explanation}");
            foreach (var image in images.Take(MaxNames))
            {
                output.WriteLine($"  {image.ExternalId}{(image.Why is null ? "" : $": {image.Why}")}");
            }

            if (images.Length > MaxNames)
            {
                output.WriteLine($"  and {(images.Length - MaxNames).ToString("N0", CultureInfo.InvariantCulture)} more");
            }
        }
    }
}
