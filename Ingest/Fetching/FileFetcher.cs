using System.Globalization;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>Reads files below the configured roots, or below the folder of an operator's feed.</summary>
internal sealed class FileFetcher(IOptions<IngestOptions> options, ILogger<FileFetcher> logger)
{
    private readonly IngestOptions _options = options.Value;
    private readonly string[] _roots = [.. options.Value.FileRoots.Select(root => RealPath.Resolve(root)).OfType<string>()];

    public async Task<FetchOutcome> FetchAsync(string uri, string? feedFolder, CancellationToken cancellationToken)
    {
        try
        {
            var path = RealPath.Resolve(ImageUri.ToPath(uri)!);
            if (path is null || !IsAllowed(path, feedFolder))
            {
                return FetchOutcome.Refuse(RejectReasons.OutsideRoots, "The file is not below a configured file root.");
            }

            return await ReadAsync(path, cancellationToken);
        }
        catch (UnauthorizedAccessException)
        {
            return FetchOutcome.Refuse(RejectReasons.NotReadable, "The file may not be read.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        {
            return FetchOutcome.Refuse(RejectReasons.NotFound, "There is no such file.");
        }
        catch (IOException e)
        {
            Log.FileUnreadable(logger, e);
            return FetchOutcome.Refuse(RejectReasons.FetchFailed, $"The file cannot be read: {FileFault.Of(e)}.");
        }
    }

    /// <summary>Compares files, as far as a feed in that folder may read them, with what was known of them.</summary>
    /// <param name="feedFolder">Folder of an operator's feed without links, or null.</param>
    public FileComparison Compare(string? feedFolder) => new(path => IsAllowed(path, feedFolder));

    private bool IsAllowed(string path, string? feedFolder) =>
        _roots.Any(root => RealPath.IsBelow(path, root))
        || (feedFolder is not null && RealPath.IsBelow(path, feedFolder));

    private async Task<FetchOutcome> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return FetchOutcome.Refuse(RejectReasons.NotFound, Directory.Exists(path) ? "This is a folder." : "There is no such file.");
        }

        // Pipes and devices have no length. Opening one could block for ever.
        if (file.Length == 0)
        {
            return FetchOutcome.Refuse(RejectReasons.EmptyFile, "The file has no bytes.");
        }

        if (file.Length > _options.MaxImageBytes)
        {
            return FetchOutcome.Refuse(
                RejectReasons.TooManyBytes, string.Create(
                    CultureInfo.InvariantCulture, $"{file.Length} bytes; the limit is {_options.MaxImageBytes}."));
        }

        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
        var read = 0;
        while (read < bytes.Length)
        {
            var n = await RandomAccess.ReadAsync(handle, bytes.AsMemory(read), read, cancellationToken);
            if (n == 0)
            {
                break; // The file shrank during the read. The header check or the decoder will notice.
            }

            read += n;
        }

        return FetchOutcome.Of(read == bytes.Length ? bytes : bytes[..read]);
    }
}
