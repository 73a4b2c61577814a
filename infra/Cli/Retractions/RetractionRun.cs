using CpfPipeline.Cli.Pictures;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Retractions;

/// <summary>Retracts images, several at a time.</summary>
internal sealed class RetractionRun(PictureClient client)
{
    private const int AtOnce = 8;

    /// <returns>What became of each, in the order given.</returns>
    /// <exception cref="CommandException">Ingest does not answer.</exception>
    public async Task<IReadOnlyList<RetractedImage>> RunAsync(RetractionOrder order, CancellationToken cancellationToken)
    {
        var images = new RetractedImage[order.ExternalIds.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0, images.Length, options, async (i, token) => images[i] = await RetractAsync(order.Source, order.ExternalIds[i], token));
        return images;
    }

    private async Task<RetractedImage> RetractAsync(string source, string externalId, CancellationToken cancellationToken) =>
        await client.FindAsync(source, externalId, cancellationToken) switch
        {
            null => new(externalId, RetractedImage.Unknown),
            { State: ImageState.Retracted } => new(externalId, RetractedImage.Already),
            _ => await client.RetractAsync(source, externalId, cancellationToken) is { } why
                ? new(externalId, RetractedImage.Refused, why)
                : new(externalId, RetractedImage.Retracted),
        };
}
