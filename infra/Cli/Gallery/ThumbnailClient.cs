using System.Net;
using CpfPipeline.Cli.Services;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Gallery;

/// <summary>Asks the Matcher for thumbnails. For use by several at once.</summary>
internal sealed class ThumbnailClient(ServiceClient matcher, TimeProvider time)
{
    private const int MaxTries = 3;

    // So many in a row tell that something is broken, and not only a picture.
    private const int MaxUnmadeInARow = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private int _unmadeInARow;

    /// <summary>The thumbnail of a content. One that is not made yet is asked for again a few times.</summary>
    /// <exception cref="CommandException">The Matcher does not answer, refuses, or has no picture at all.</exception>
    public async Task<Thumbnail> GetAsync(long contentId, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            using var body = new MemoryStream();
            var answer = await matcher.TryDownloadAsync(ContentAddress.OfThumbnail(contentId, 320), body, cancellationToken);
            if (answer.Status == HttpStatusCode.NotFound)
            {
                return Thumbnail.Erased;
            }

            if ((int)answer.Status < 500)
            {
                Interlocked.Exchange(ref _unmadeInARow, 0);
                return Thumbnail.Of(WebP(answer.ThrowUnlessGood(), body.ToArray()));
            }

            if (tries == MaxTries)
            {
                return Interlocked.Increment(ref _unmadeInARow) < MaxUnmadeInARow ? Thumbnail.Unmade : throw new ServiceSilentException(
                    $"the Matcher has no pictures ({(int)answer.Status}: {answer.Reason()}): infra/cpf status shows what is wrong, "
                        + "infra/cpf up starts what is missing");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    // The file says image/webp, so it must be that.
    private static byte[] WebP(ServiceAnswer answer, byte[] bytes) =>
        bytes.AsSpan().StartsWith("RIFF"u8) && bytes.Length > 12 && bytes.AsSpan(8, 4).SequenceEqual("WEBP"u8)
            ? bytes
            : throw CommandException.Infrastructure($"{answer.Service} answered with a thumbnail that is no WebP picture");
}
