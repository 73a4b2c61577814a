using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Downloads;

/// <summary>The folder of downloaded feeds. A file lies there from its download until its rows were read.</summary>
internal sealed class FeedSpool(IOptions<IngestOptions> options, IConfiguration configuration)
{
    private const string Prefix = "feed-";

    /// <summary>The folder.</summary>
    public string Folder { get; } = options.Value.DownloadFolder is { Length: > 0 } configured
        ? configured : BesideBlobs.PathOf(configuration, nameof(IngestOptions.DownloadFolder), "feeds");

    /// <summary>Where the feed's file lies, or will.</summary>
    public string PathOf(long feedId) => Path.Combine(Folder, Prefix + feedId.ToString(CultureInfo.InvariantCulture));

    /// <summary>Opens a new file for a download; <see cref="Keep"/> makes it the feed's.</summary>
    public FileStream Create(long feedId)
    {
        Directory.CreateDirectory(Folder);

        // Without a buffer of its own: what a full disk refuses is refused when it is written, not when the file is closed.
        return new FileStream(PartOf(feedId), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
    }

    /// <summary>Makes a finished download the feed's file.</summary>
    public void Keep(long feedId) => File.Move(PartOf(feedId), PathOf(feedId), overwrite: true);

    /// <summary>Whether the feed's file is here, with these bytes.</summary>
    public async Task<bool> HoldsAsync(long feedId, byte[] sha256, CancellationToken cancellationToken)
    {
        if (!File.Exists(PathOf(feedId)))
        {
            return false;
        }

        await using var file = File.OpenRead(PathOf(feedId));
        return (await SHA256.HashDataAsync(file, cancellationToken)).AsSpan().SequenceEqual(sha256);
    }

    /// <summary>Removes what there is of the feed.</summary>
    public void Remove(long feedId)
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(PathOf(feedId));
            File.Delete(PartOf(feedId));
        }
    }

    /// <summary>The feeds of which there are files.</summary>
    public IReadOnlyList<long> List() =>
        Directory.Exists(Folder)
            ? [.. Directory.EnumerateFiles(Folder, Prefix + "*").Select(IdOf).OfType<long>().Distinct()]
            : [];

    private string PartOf(long feedId) => PathOf(feedId) + ".part";

    private static long? IdOf(string path) =>
        long.TryParse(
            Path.GetFileName(path)[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var feedId)
            ? feedId
            : null;
}
